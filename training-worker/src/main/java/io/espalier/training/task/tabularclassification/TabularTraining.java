package io.espalier.training.task.tabularclassification;

import io.espalier.modelkit.task.tabularclassification.TabularTransform;
import io.espalier.training.program.Program;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.tune.Hyperparameters;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

record TabularTraining(
        TabularTransform transform,
        Hyperparameters hyperparameters,
        List<Parameter> parameters,
        EncodedRows train,
        EncodedRows validation)
        implements Trainable {
    @Override
    public Program program(Precision precision) {
        return new Program(
                "tabular-classification.py",
                Map.of(
                        "dropout", hyperparameters.real("dropout"),
                        "label_smoothing", hyperparameters.real("labelSmoothing"),
                        "l1", hyperparameters.real("l1"),
                        "l2", hyperparameters.real("l2"),
                        "max_gradient_norm", hyperparameters.real("maxGradientNorm")));
    }

    /** The network is too small for half precision to pay. */
    @Override
    public List<Precision> precisions() {
        return List.of(Precision.FP32);
    }

    @Override
    public Map<String, Object> architecture() {
        return Map.of(
                "numbers", transform.numericWidth(),
                "categories", transform.categoricalSizes(),
                "hiddenUnits", hyperparameters.integer("hiddenUnits"));
    }

    @Override
    public void writeTransform(Path trainedModel) {
        transform.write(trainedModel.resolve(TabularTransform.ENTRY));
    }
}
