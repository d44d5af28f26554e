package io.espalier.training.task.tabularclassification;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ModelManifest.TensorShape;
import io.espalier.modelkit.task.tabularclassification.TabularTransform;
import io.espalier.training.export.Float32;
import io.espalier.training.task.TaskExporter;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The network as ONNX beside the transform it was trained with. Float32 only: a row takes microseconds, of which the
 * products are the smaller part, so there is nothing for int8 to win.
 */
public final class TabularClassificationExporter implements TaskExporter {
    private static final String FP32 = "fp32";

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
        Path transformFile = trainedModel.resolve(TabularTransform.ENTRY);
        TabularTransform transform = TabularTransform.read(transformFile);
        TabularNetwork network = new TabularNetwork(
                transform.numericWidth(),
                transform.categoricalSizes().size(),
                Safetensors.read(trainedModel.resolve(TrainedFiles.WEIGHTS)));
        network.graph(new Float32()).write(bundleFolder.resolve(ModelManifest.MODEL_ENTRY));
        Files.copy(transformFile, bundleFolder.resolve(TabularTransform.ENTRY));

        List<TensorShape> inputs = new ArrayList<>();
        if (network.numbers() > 0) {
            inputs.add(new TensorShape(
                    TabularNetwork.NUMERIC, "float32", List.of("batch", String.valueOf(network.numbers()))));
        }
        if (network.categories() > 0) {
            inputs.add(new TensorShape(
                    TabularNetwork.CATEGORICAL, "int64", List.of("batch", String.valueOf(network.categories()))));
        }
        return new Export(
                Map.of(),
                inputs,
                List.of(new TensorShape(
                        TabularNetwork.LOGITS, "float32", List.of("batch", String.valueOf(network.labels())))));
    }
}
