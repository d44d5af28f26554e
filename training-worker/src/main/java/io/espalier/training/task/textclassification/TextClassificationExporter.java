package io.espalier.training.task.textclassification;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ModelManifest.TensorShape;
import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.task.SplitRow;
import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.export.Arithmetic;
import io.espalier.training.export.BertClassifier;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** An encoder with its classifier as ONNX, in float32 or int8, beside the tokenizer it was trained with. */
public final class TextClassificationExporter implements TaskExporter {
    /** Enough for the least and the greatest of an activation; more only find outliers, which cost accuracy. */
    private static final int CALIBRATION_EXAMPLES = 400;

    private static final long CALIBRATION_SEED = 1;

    @Override
    public List<String> precisions() {
        return Arithmetic.PRECISIONS;
    }

    @Override
    public Export export(Path trainedModel, Path calibrationSplit, String precision, Path bundleFolder)
            throws IOException {
        var description = TrainedFiles.description(trainedModel);
        var network = new BertClassifier(
                EncoderConfig.of(description.architecture()),
                Safetensors.read(trainedModel.resolve(TrainedFiles.WEIGHTS)));
        if (!(description.hyperparameters().get(TextTransform.MAX_LENGTH) instanceof Integer maxLength)) {
            throw new IllegalArgumentException("The trained model does not say its " + TextTransform.MAX_LENGTH + ".");
        }
        Path tokenizer = trainedModel.resolve(TextTransform.TOKENIZER_ENTRY);

        Arithmetic arithmetic =
                Arithmetic.of(precision, () -> network.calibrated(sample(calibrationSplit, tokenizer, maxLength)));
        network.graph(arithmetic).write(bundleFolder.resolve(ModelManifest.MODEL_ENTRY));
        Files.copy(tokenizer, bundleFolder.resolve(TextTransform.TOKENIZER_ENTRY));
        return new Export(
                Map.of(TextTransform.MAX_LENGTH, maxLength),
                List.of(
                        new TensorShape(BertClassifier.INPUT_IDS, "int64", List.of("batch", "length")),
                        new TensorShape(BertClassifier.ATTENTION_MASK, "int64", List.of("batch", "length"))),
                List.of(new TensorShape(
                        BertClassifier.LOGITS, "float32", List.of("batch", String.valueOf(network.labels())))));
    }

    /** Tokens of rows from all over the split, always the same ones (Vitter's algorithm R). */
    private static List<long[]> sample(Path split, Path tokenizer, int maxLength) {
        List<String> texts = new ArrayList<>(CALIBRATION_EXAMPLES);
        Random random = new Random(CALIBRATION_SEED);
        try (var rows = SplitFile.rows(split)) {
            int seen = 0;
            for (var row : (Iterable<SplitRow>) rows::iterator) {
                String text = row.input().stringValue();
                seen++;
                if (texts.size() < CALIBRATION_EXAMPLES) {
                    texts.add(text);
                } else {
                    int place = random.nextInt(seen);
                    if (place < CALIBRATION_EXAMPLES) {
                        texts.set(place, text);
                    }
                }
            }
        }
        try (TextTransform transform = TextTransform.open(tokenizer, maxLength)) {
            return texts.stream().map(transform::encode).toList();
        }
    }
}
