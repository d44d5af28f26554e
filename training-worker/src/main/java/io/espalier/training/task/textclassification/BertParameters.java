package io.espalier.training.task.textclassification;

import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Parameter.Group;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The tensors of a BERT classifier in the order in which its program numbers them. */
final class BertParameters {
    private static final List<String> LAYER_MATRICES = List.of(
            "attention.self.query.weight",
            "attention.self.key.weight",
            "attention.self.value.weight",
            "attention.output.dense.weight",
            "intermediate.dense.weight",
            "output.dense.weight");

    private static final List<String> LAYER_VECTORS = List.of(
            "attention.self.query.bias",
            "attention.self.key.bias",
            "attention.self.value.bias",
            "attention.output.dense.bias",
            "attention.output.LayerNorm.weight",
            "attention.output.LayerNorm.bias",
            "intermediate.dense.bias",
            "output.dense.bias",
            "output.LayerNorm.weight",
            "output.LayerNorm.bias");

    private BertParameters() {}

    static List<Parameter> of(EncoderConfig encoder, Map<String, Tensor> pretrained, Tensor head, int classes) {
        List<Parameter> parameters = new ArrayList<>();
        add(parameters, pretrained, Group.TABLE, "embeddings.word_embeddings.weight");
        add(parameters, pretrained, Group.BODY_WEIGHTS, "embeddings.position_embeddings.weight");
        add(parameters, pretrained, Group.BODY_WEIGHTS, "embeddings.token_type_embeddings.weight");
        add(parameters, pretrained, Group.BODY_VECTORS, "embeddings.LayerNorm.weight");
        add(parameters, pretrained, Group.BODY_VECTORS, "embeddings.LayerNorm.bias");
        for (int layer = 0; layer < encoder.layers(); layer++) {
            String prefix = "encoder.layer." + layer + ".";
            LAYER_MATRICES.forEach(name -> add(parameters, pretrained, Group.BODY_WEIGHTS, prefix + name));
            LAYER_VECTORS.forEach(name -> add(parameters, pretrained, Group.BODY_VECTORS, prefix + name));
        }
        parameters.add(new Parameter("classifier.weight", Group.HEAD_WEIGHTS, head));
        parameters.add(new Parameter("classifier.bias", Group.HEAD_VECTORS, Tensor.of(new float[classes], classes)));
        return List.copyOf(parameters);
    }

    private static void add(List<Parameter> parameters, Map<String, Tensor> pretrained, Group group, String name) {
        parameters.add(new Parameter(name, group, Weights.named(pretrained, name)));
    }
}
