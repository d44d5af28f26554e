package io.espalier.contracts.job;

import io.espalier.contracts.artifact.ObjectKeys;
import java.util.Map;

/**
 * Which preview of a dataset version's augmentation to draw: a sheet with a row for each picture, which shows it without
 * augmentation and then changed at random.
 *
 * @param reportKey where the version's report is; the sample of its training rows lies beside it
 * @param hyperparameters as of a training job, checked against the task's descriptor; the rest is the worker's defaults
 * @param images at most; the sample may hold fewer
 * @param variants of each image
 * @param seed the same one gives the same bytes
 * @param digest of all that the sheet depends on, as a part of a file's name
 */
public record AugmentationPreviewSpec(
        DatasetVersionRef version,
        String task,
        String reportKey,
        Map<String, Object> hyperparameters,
        int images,
        int variants,
        int seed,
        String digest) {
    /** Where the sheet goes, as PNG. */
    public String objectKey() {
        return ObjectKeys.augmentationPreview(version, digest);
    }

    /** Deterministic, so that asking twice draws once. */
    public String workflowId() {
        return "augmentation-preview-" + version.tenant() + "-" + version.version() + "-" + digest;
    }
}
