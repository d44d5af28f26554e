package io.espalier.controlplane.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.contracts.job.ExportedModel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a training job made: a bundle that can be deployed, with what was measured on it. Never changes.
 *
 * @param number counted from 1 in its product; a deleted version's number is not given again
 * @param labels in the order of the model's outputs
 * @param metrics of the bundle on the test split
 */
public record ModelVersion(
        UUID tenant,
        UUID id,
        UUID product,
        int number,
        String task,
        List<String> labels,
        ExportedModel.Bundle bundle,
        Map<String, Double> metrics,
        Lineage lineage,
        Instant createdAt) {

    /** Where the model came from; more is in its bundle's manifest. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Lineage(
            UUID job,
            UUID datasetVersion,
            String datasetContentHash,
            @Nullable String baseModel,
            Map<String, Object> hyperparameters,
            long seed,
            String weightsSha256) {}
}
