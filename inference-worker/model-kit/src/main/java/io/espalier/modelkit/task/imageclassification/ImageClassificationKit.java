package io.espalier.modelkit.task.imageclassification;

import com.google.auto.service.AutoService;
import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.imageclassification.ImageClassification;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Classifier;
import io.espalier.modelkit.task.ExampleReader;
import io.espalier.modelkit.task.FileContents;
import io.espalier.modelkit.task.LabelledTaskKit;
import io.espalier.modelkit.task.TaskKit;
import java.nio.file.Path;
import java.util.List;

/** An image in, one of the labels out. A bundle holds {@code model.onnx}; its transform stands in the manifest. */
@AutoService(TaskKit.class)
public final class ImageClassificationKit implements LabelledTaskKit {
    @Override
    public TaskDescriptor descriptor() {
        return ImageClassification.DESCRIPTOR;
    }

    @Override
    public ExampleReader examples(List<String> columns, ColumnMapping mapping, FileContents files) {
        return new ImageExampleReader(columns, mapping, files);
    }

    @Override
    public Classifier<?> open(Path bundle, ModelManifest manifest, int threads) {
        return new ImagePredictor(
                manifest.labels(),
                ImageTransform.of(manifest.transform()),
                OnnxModel.open(bundle.resolve(ModelManifest.MODEL_ENTRY), threads));
    }
}
