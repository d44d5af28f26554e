package io.espalier.training.trial;

import io.espalier.contracts.job.Accelerator;
import io.espalier.training.task.Precision;
import io.espalier.training.task.TrainingFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a trial is to do, on this machine.
 *
 * @param train and validation: files of JSON Lines
 * @param baseModel folder; null for tasks without one
 * @param hyperparameters chosen by the user, already checked
 * @param precision null where the trial may choose, by the hyperparameter or by timing
 * @param resumeFrom folder of a checkpoint; null to start from the beginning
 * @param work folder for checkpoints and the model, made by the caller, who also deletes it
 * @param checkpointSeconds from the end of one checkpoint to the start of the next; none is written where less is left to do
 */
public record TrialSpec(
        String task,
        List<String> labels,
        Path train,
        Path validation,
        @Nullable Path baseModel,
        Map<String, Object> hyperparameters,
        Accelerator accelerator,
        int threads,
        long seed,
        @Nullable Precision precision,
        @Nullable Path resumeFrom,
        Path work,
        double checkpointSeconds) {
    static final String MODEL = "model";
    static final String CHECKPOINTS = "checkpoints";

    TrainingFiles files() {
        return new TrainingFiles(train, validation, labels, baseModel);
    }

    /** Where the trained model is when the trial has finished. */
    public Path model() {
        return work.resolve(MODEL);
    }

    Path checkpoint(int step) {
        return work.resolve(CHECKPOINTS).resolve(Integer.toString(step));
    }
}
