package io.espalier.training.task.recommendation;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ModelManifest.TensorShape;
import io.espalier.modelkit.task.recommendation.RecommendationKit;
import io.espalier.modelkit.task.recommendation.SentenceEncoder;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The model as ONNX beside the ids and histories. Float32 only: most of an answer's time goes into sums of a few hundred numbers
 * each, and rankings of a catalog are closer to each other than 8 bits tell apart.
 */
public final class RecommendationExporter implements TaskExporter {
    private static final String FP32 = "fp32";
    /** Those that say what items and users are need not be there. */
    private static final List<String> COPIED = Stream.concat(
                    Stream.of(
                            RecommendationKit.ITEMS_ENTRY,
                            RecommendationKit.USERS_ENTRY,
                            RecommendationKit.HISTORIES_ENTRY,
                            RecommendationKit.ATTRIBUTES_ENTRY,
                            RecommendationKit.VECTORS_ENTRY,
                            RecommendationKit.LIKES_ENTRY,
                            RecommendationKit.PEERS_ENTRY,
                            RecommendationKit.FEATURES_ENTRY,
                            RecommendationKit.DIRECTIONS_ENTRY),
                    SentenceEncoder.ENTRIES.stream())
            .toList();

    @Override
    public List<String> precisions() {
        return List.of(FP32);
    }

    @Override
    public Export export(Path trainedModel, Path calibrationSplit, String precision, Path bundleFolder)
            throws IOException {
        if (!precision.equals(FP32)) {
            throw new IllegalArgumentException("There is no precision " + precision + ".");
        }
        RankingModel model = RankingModel.of(
                Safetensors.read(trainedModel.resolve(TrainedFiles.WEIGHTS)),
                TrainedFiles.description(trainedModel).architecture());
        model.graph().write(bundleFolder.resolve(ModelManifest.MODEL_ENTRY));
        for (String entry : COPIED) {
            if (Files.exists(trainedModel.resolve(entry))) {
                Files.copy(trainedModel.resolve(entry), bundleFolder.resolve(entry));
            }
        }
        List<String> lists = List.of("batch", "length");
        return new Export(
                Map.of(),
                List.of(
                        new TensorShape(RecommendationKit.ITEMS, "int64", lists),
                        new TensorShape(RecommendationKit.WEIGHTS, "float32", lists)),
                List.of(new TensorShape(
                        RecommendationKit.SCORES, "float32", List.of("batch", String.valueOf(model.catalog())))));
    }
}
