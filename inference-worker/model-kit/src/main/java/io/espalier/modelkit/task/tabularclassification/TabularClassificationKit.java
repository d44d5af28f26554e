package io.espalier.modelkit.task.tabularclassification;

import com.google.auto.service.AutoService;
import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Classifier;
import io.espalier.modelkit.task.ExampleReader;
import io.espalier.modelkit.task.FileContents;
import io.espalier.modelkit.task.LabelledTaskKit;
import io.espalier.modelkit.task.TaskKit;
import java.nio.file.Path;
import java.util.List;

/** A row of a table in, one of the labels out. A bundle holds {@code model.onnx} and {@code transform.json}. */
@AutoService(TaskKit.class)
public final class TabularClassificationKit implements LabelledTaskKit {
    @Override
    public TaskDescriptor descriptor() {
        return TabularClassification.DESCRIPTOR;
    }

    @Override
    public ExampleReader examples(List<String> columns, ColumnMapping mapping, FileContents files) {
        return new TabularExampleReader(columns, mapping);
    }

    @Override
    public Classifier<?> open(Path bundle, ModelManifest manifest, int threads) {
        return new TabularPredictor(
                manifest.labels(),
                TabularTransform.read(bundle.resolve(TabularTransform.ENTRY)),
                OnnxModel.open(bundle.resolve(ModelManifest.MODEL_ENTRY), 1));
    }
}
