package io.espalier.controlplane.training.workflow;

import io.espalier.contracts.job.FailureTypes;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.workflow.Workflow;
import org.slf4j.Logger;

/** Says in the user's words why a step failed. */
final class FailureReason {
    private static final Logger log = Workflow.getLogger(FailureReason.class);

    private FailureReason() {}

    /**
     * The message of a failure that the user can mend; for every other a fixed text with an id that the log knows it by.
     *
     * @param step what was being done, as a gerund: {@code training}
     */
    static String of(TemporalFailure failure, String step) {
        if (failure.getCause() instanceof ApplicationFailure known
                && FailureTypes.NOT_RETRYABLE.contains(known.getType())) {
            return known.getOriginalMessage();
        }
        String id = Workflow.randomUUID().toString();
        log.error("Failure {} while {}", id, step, failure);
        return failure.getCause() instanceof TimeoutFailure
                ? "The worker was lost again and again while %s; perhaps this needs more memory than it has (failure %s)."
                        .formatted(step, id)
                : "Something went wrong on our side while %s (failure %s).".formatted(step, id);
    }
}
