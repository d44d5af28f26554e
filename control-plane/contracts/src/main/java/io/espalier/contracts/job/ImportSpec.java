package io.espalier.contracts.job;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which weights to make a base model of.
 *
 * @param revision of the attempt: an older one's outcome counts no more
 * @param files the keys of what was uploaded; empty where the files are the hub's
 * @param hub null where they were uploaded
 * @param prefix where the files of the base model go, each attempt's below a name of its own
 */
public record ImportSpec(
        BaseModelRef model,
        int revision,
        String task,
        Map<BaseModelFile, String> files,
        @Nullable HubModel hub,
        String prefix) {

    /**
     * A model on the installation's hub.
     *
     * @param repository {@code owner/name}
     * @param revision a branch, a tag or a commit
     */
    public record HubModel(String repository, String revision) {}

    public String workflowId() {
        return model.importWorkflowId(revision);
    }
}
