package io.espalier.training.job;

import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.temporal.failure.ApplicationFailure;
import java.util.Map;

/** The one place where the exceptions of the worker become failures that Temporal retries, or does not. */
final class ActivityFailures {
    /** What no retry mends. */
    private static final Map<ProblemType, String> TYPES = Map.of(
            ProblemType.INVALID_DATASET, FailureTypes.INVALID_DATASET,
            ProblemType.INVALID_INPUT, FailureTypes.INVALID_DATASET,
            ProblemType.INPUT_TOO_LONG, FailureTypes.INVALID_DATASET,
            ProblemType.UNSUPPORTED_FORMAT, FailureTypes.UNSUPPORTED_FORMAT,
            ProblemType.INVALID_REQUEST, FailureTypes.INVALID_CONFIGURATION);

    private ActivityFailures() {}

    /** The problem as the workflow tells it to the user, or the exception itself where trying again may help. */
    static RuntimeException translate(ProblemException problem) {
        String type = TYPES.get(problem.type());
        return type == null
                ? problem
                : ApplicationFailure.newNonRetryableFailureWithCause(problem.getMessage(), type, problem);
    }
}
