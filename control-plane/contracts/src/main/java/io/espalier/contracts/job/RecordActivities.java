package io.espalier.contracts.job;

import io.temporal.activity.ActivityInterface;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the control plane records, on {@link TaskQueues#CONTROL_PLANE}. All idempotent by job, version or base model. */
@ActivityInterface
public interface RecordActivities {
    /** What the job is to do; read from the database, so that a workflow's input stays a reference. */
    TrainingJobSpec begin(JobRef job);

    /** Moves the job forward; a job that is already further, or ended, stays as it is. */
    void enter(JobRef job, JobState state);

    /** Makes the one model version of the job, or returns the one made before. */
    UUID register(JobRef job, TrainingOutcome outcome);

    /** Ends the job without a model version. {@code state} is FAILED or CANCELLED. */
    void end(JobRef job, JobState state, String reason);

    /** Records a finished inspection; {@code outcome} is null where it failed, with the reason in the user's words. */
    void inspected(InspectionSpec spec, @Nullable InspectionOutcome outcome, @Nullable String failure);

    /** Records a finished import; {@code outcome} is null where it failed, with the reason in the user's words. */
    void imported(ImportSpec spec, @Nullable ImportOutcome outcome, @Nullable String failure);
}
