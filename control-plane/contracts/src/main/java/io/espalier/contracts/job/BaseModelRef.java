package io.espalier.contracts.job;

import java.util.UUID;

/** Names a base model of a tenant's own. */
public record BaseModelRef(UUID tenant, UUID baseModel) {
    /** The id of the workflow that imports it; {@code revision} grows with each attempt that the user asks for. */
    public String importWorkflowId(int revision) {
        return "base-model-import-" + tenant + "-" + baseModel + "-" + revision;
    }
}
