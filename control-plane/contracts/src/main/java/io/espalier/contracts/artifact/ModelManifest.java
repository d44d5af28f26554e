package io.espalier.contracts.artifact;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * {@code manifest.json}, the first entry of a bundle: all that is needed to serve the model and to say where it came from.
 * A bundle is a zip of stored entries in a fixed order with fixed times, so equal contents have equal hashes.
 *
 * @param formatVersion of this layout; a reader refuses what it does not know
 * @param labels in the order of the model's outputs
 * @param files SHA-256, lower-case hex, by entry name, the manifest itself excepted
 * @param transform the task's own settings, for example {@code maxLength}
 * @param inputs and outputs: tensors of the graph
 * @param validationMetrics of this bundle on the validation split; empty before the gate, unless the training measured them
 */
public record ModelManifest(
        int formatVersion,
        String task,
        String precision,
        List<String> labels,
        Map<String, String> files,
        Map<String, Object> transform,
        List<TensorShape> inputs,
        List<TensorShape> outputs,
        Map<String, Double> validationMetrics,
        Lineage lineage) {
    public static final int FORMAT_VERSION = 1;
    public static final String ENTRY = "manifest.json";
    public static final String MODEL_ENTRY = "model.onnx";

    public ModelManifest withFiles(Map<String, String> described) {
        return new ModelManifest(
                formatVersion,
                task,
                precision,
                labels,
                described,
                transform,
                inputs,
                outputs,
                validationMetrics,
                lineage);
    }

    public ModelManifest withValidationMetrics(Map<String, Double> measured) {
        return new ModelManifest(
                formatVersion, task, precision, labels, files, transform, inputs, outputs, measured, lineage);
    }

    /** @param dimensions names or sizes, for example {@code ["batch", "length"]} */
    public record TensorShape(String name, String type, List<String> dimensions) {}

    /** Where a model came from. */
    public record Lineage(
            UUID tenant,
            UUID product,
            UUID job,
            UUID datasetVersion,
            String datasetContentHash,
            @Nullable String baseModel,
            String weightsSha256,
            Map<String, Object> hyperparameters,
            long seed,
            String trainingPrecision,
            int threads,
            String codeVersion) {}
}
