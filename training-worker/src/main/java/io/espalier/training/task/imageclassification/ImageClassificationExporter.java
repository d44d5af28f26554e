package io.espalier.training.task.imageclassification;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ModelManifest.TensorShape;
import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.image.Pixels;
import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.export.Arithmetic;
import io.espalier.training.export.Calibration;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The network as ONNX, with its norms folded into its convolutions. */
public final class ImageClassificationExporter implements TaskExporter {
    private static final int CALIBRATION_IMAGES = 400;
    private static final int CALIBRATION_BATCH = 16;

    @Override
    public List<String> precisions() {
        return Arithmetic.PRECISIONS;
    }

    @Override
    public Export export(Path trainedModel, Path calibrationSplit, String precision, Path bundleFolder)
            throws IOException {
        Map<String, Object> architecture =
                TrainedFiles.description(trainedModel).architecture();
        ImageTransform transform = ImageTransform.of(architecture);
        ImageNetwork network = ImageNetwork.of(architecture);
        Map<String, Tensor> weights = Safetensors.read(trainedModel.resolve(TrainedFiles.WEIGHTS));
        Arithmetic arithmetic = Arithmetic.of(
                precision,
                () -> Calibration.of(
                        watching -> network.graph(watching, weights, transform.size()),
                        batches(calibrationSplit, transform)));
        network.graph(arithmetic, weights, transform.size()).write(bundleFolder.resolve(ModelManifest.MODEL_ENTRY));
        String size = String.valueOf(transform.size());
        return new Export(
                transform.settings(),
                List.of(new TensorShape(ImageNetwork.PIXEL_VALUES, "float32", List.of("batch", "3", size, size))),
                List.of(new TensorShape(
                        ImageNetwork.LOGITS,
                        "float32",
                        List.of(
                                "batch",
                                String.valueOf(Weights.named(weights, network.head() + ".bias")
                                        .dimension(0))))));
    }

    /** The first images of the split, which are in the order of their content and so as good as any. */
    private static List<Calibration.Batch> batches(Path split, ImageTransform transform) {
        List<float[]> images;
        try (var rows = SplitFile.rows(split)) {
            images = rows.limit(CALIBRATION_IMAGES)
                    .map(row -> planes(transform, transform.square(Pictures.pixels(row))))
                    .toList();
        }
        List<Calibration.Batch> batches = new ArrayList<>();
        for (int from = 0; from < images.size(); from += CALIBRATION_BATCH) {
            List<float[]> batch = images.subList(from, Math.min(images.size(), from + CALIBRATION_BATCH));
            batches.add(feed -> {
                FloatBuffer values =
                        feed.floats(ImageNetwork.PIXEL_VALUES, batch.size(), 3, transform.size(), transform.size());
                batch.forEach(values::put);
            });
        }
        return batches;
    }

    private static float[] planes(ImageTransform transform, Pixels square) {
        float[] planes = new float[square.rgb().length];
        transform.standardize(square.rgb(), planes, 0);
        return planes;
    }
}
