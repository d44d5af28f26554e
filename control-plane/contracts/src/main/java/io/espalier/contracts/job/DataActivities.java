package io.espalier.contracts.job;

import io.temporal.activity.ActivityInterface;

/**
 * What a training worker does with a tenant's files, on {@link TaskQueues#DATA}. Every activity is idempotent: it writes
 * to keys that its arguments determine, and overwriting them gives the same bytes. All heartbeat.
 */
@ActivityInterface
public interface DataActivities {
    /**
     * Reads every part, reports all problems, and writes the report to {@link InspectionSpec#reportKey}; and beside it a sample
     * of the training rows, for tasks that change examples at random.
     */
    InspectionOutcome inspect(InspectionSpec spec);

    /** Draws what augmentation makes of the sample's rows, and writes it to {@link AugmentationPreviewSpec#objectKey}. */
    void previewAugmentation(AugmentationPreviewSpec spec);

    /** Leaves out what the report says, splits the rest, and writes one object a split. */
    PreparedData prepare(TrainingJobSpec spec);

    /** Writes one bundle a precision that the task knows. */
    ExportedModel export(TrainingJobSpec spec, PreparedData data, TrainedModel model);

    /** Chooses the bundle that serves, on the validation split. */
    GateDecision gate(TrainingJobSpec spec, PreparedData data, ExportedModel exported);

    /** Predicts the whole test split with the chosen bundle, through the code that serves it. */
    Evaluation evaluate(TrainingJobSpec spec, PreparedData data, GateDecision gate);

    /** Reads weights that a tenant brings, and writes the files of a base model below {@link ImportSpec#prefix}. */
    ImportOutcome importBaseModel(ImportSpec spec);

    /** Deletes what only the running job needed: checkpoints, weights of attempts, bundles not chosen. */
    void discard(TrainingJobSpec spec);
}
