package io.espalier.modelkit.task.textclassification;

import com.google.auto.service.AutoService;
import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.textclassification.TextClassification;
import io.espalier.modelkit.bundle.InvalidBundleException;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Classifier;
import io.espalier.modelkit.task.ExampleReader;
import io.espalier.modelkit.task.FileContents;
import io.espalier.modelkit.task.LabelledTaskKit;
import io.espalier.modelkit.task.TaskKit;
import java.nio.file.Path;
import java.util.List;

/** Text in, one of the labels out. A bundle holds {@code model.onnx} and {@code tokenizer.json}. */
@AutoService(TaskKit.class)
public final class TextClassificationKit implements LabelledTaskKit {
    /** What a request may send; far more than a model reads. */
    public static final int MAX_CHARACTERS = 20_000;

    @Override
    public TaskDescriptor descriptor() {
        return TextClassification.DESCRIPTOR;
    }

    @Override
    public ExampleReader examples(List<String> columns, ColumnMapping mapping, FileContents files) {
        return new TextExampleReader(columns, mapping);
    }

    @Override
    public Classifier<?> open(Path bundle, ModelManifest manifest, int threads) {
        if (!(manifest.transform().get(TextTransform.MAX_LENGTH) instanceof Number maxLength)) {
            throw new InvalidBundleException("The manifest's transform has no " + TextTransform.MAX_LENGTH + ".");
        }
        var model = OnnxModel.open(bundle.resolve(ModelManifest.MODEL_ENTRY), threads);
        try {
            return new TextPredictor(
                    manifest.labels(),
                    TextTransform.open(bundle.resolve(TextTransform.TOKENIZER_ENTRY), maxLength.intValue()),
                    model);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }
}
