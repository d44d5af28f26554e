package io.espalier.contracts.job;

import java.util.UUID;

/** Names a training job. */
public record JobRef(UUID tenant, UUID job) {
    /** The id of the job's workflow: deterministic, so that starting it twice starts it once. */
    public String workflowId() {
        return "training-job-" + tenant + "-" + job;
    }
}
