package io.espalier.contracts.job;

import java.util.EnumSet;
import java.util.Set;

/** Where a training job is. States only move forward; the last three are final. */
public enum JobState {
    /** Accepted; its workflow may not have started yet. */
    PENDING,
    /** Rows are validated and split. */
    PREPARING,
    /** Ready to train; waits for a worker. */
    QUEUED,
    TRAINING,
    EXPORTING,
    EVALUATING,
    REGISTERING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    private static final Set<JobState> FINAL = EnumSet.of(SUCCEEDED, FAILED, CANCELLED);

    public boolean isFinal() {
        return FINAL.contains(this);
    }

    /** Whether a job in this state may enter the other: any later running state, or a final one. */
    public boolean canTransitionTo(JobState next) {
        return !isFinal() && next.ordinal() > ordinal() && (next != SUCCEEDED || this == REGISTERING);
    }
}
