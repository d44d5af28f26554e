package io.espalier.contracts.job;

import java.util.List;

/** The types of Temporal application failures that no retry can mend. Every other failure is retried. */
public final class FailureTypes {
    public static final String INVALID_DATASET = "invalid-dataset";
    public static final String UNSUPPORTED_FORMAT = "unsupported-format";
    public static final String INVALID_CONFIGURATION = "invalid-configuration";
    /** The training diverged or the machine cannot run it; trying again gives the same. */
    public static final String TRAINING_IMPOSSIBLE = "training-impossible";

    public static final List<String> NOT_RETRYABLE =
            List.of(INVALID_DATASET, UNSUPPORTED_FORMAT, INVALID_CONFIGURATION, TRAINING_IMPOSSIBLE);

    private FailureTypes() {}
}
