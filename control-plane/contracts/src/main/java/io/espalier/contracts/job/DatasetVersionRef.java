package io.espalier.contracts.job;

import java.util.UUID;

/** Names a dataset version. */
public record DatasetVersionRef(UUID tenant, UUID dataset, UUID version) {
    /** The id of the workflow that inspects the version; {@code revision} grows when the mapping is corrected. */
    public String inspectionWorkflowId(int revision) {
        return "dataset-inspection-" + tenant + "-" + version + "-" + revision;
    }
}
