package io.espalier.contracts.job;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that the activities of a training job need to know. It does not change while the job runs.
 *
 * @param mapping complete: what the dataset version's report says is in force
 * @param baseModelPrefix object key prefix of the base model's files, ending in a slash; null for tasks without one
 * @param hyperparameters what the user chose, checked against the task's descriptor; the rest is the worker's defaults
 */
public record TrainingJobSpec(
        JobRef ref,
        UUID product,
        String task,
        UUID datasetVersion,
        String datasetContentHash,
        List<DatasetPart> parts,
        ColumnMapping mapping,
        @Nullable String baseModel,
        @Nullable String baseModelPrefix,
        Map<String, Object> hyperparameters,
        Accelerator accelerator) {}
