package io.espalier.training.task.imageclassification;

import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.program.Program;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.tune.Hyperparameters;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

record ImageTraining(
        ImageNetwork network,
        ImageTransform transform,
        Hyperparameters hyperparameters,
        boolean mixes,
        List<Parameter> parameters,
        PictureExamples train,
        PictureExamples validation)
        implements Trainable {
    @Override
    public Program program(Precision precision) {
        Map<String, Object> attributes = new HashMap<>(network.attributes());
        attributes.put("dropout", hyperparameters.real("dropout"));
        attributes.put("label_smoothing", hyperparameters.real("labelSmoothing"));
        attributes.put("momentum", hyperparameters.real("momentum"));
        attributes.put("weight_decay", hyperparameters.real("weightDecay"));
        attributes.put("max_gradient_norm", hyperparameters.real("maxGradientNorm"));
        attributes.put("mixed", precision == Precision.BF16);
        attributes.put("mixes", mixes);
        attributes.put("head_only", hyperparameters.word("trained").equals("head"));
        attributes.put("layer_decay", hyperparameters.real("layerDecay"));
        return new Program(network.program(), attributes);
    }

    @Override
    public List<Precision> precisions() {
        return List.of(Precision.values());
    }

    @Override
    public Map<String, Object> architecture() {
        Map<String, Object> architecture = new HashMap<>(transform.settings());
        architecture.putAll(network.architecture());
        return architecture;
    }

    /** The transform is three numbers, which stand in the description. */
    @Override
    public void writeTransform(Path trainedModel) {}
}
