package io.espalier.training.export;

import io.espalier.training.weights.Tensor;
import java.util.List;

/** As trained. */
public record Float32() implements Arithmetic {
    @Override
    public String linear(OnnxGraph graph, String input, String name, float[] weight, float[] bias) {
        int out = bias.length;
        int in = weight.length / out;
        float[] transposed = Tensor.of(weight, out, in).transposed().values();
        String product = graph.node("MatMul", List.of(input, graph.floats(name + ".weight", transposed, in, out)));
        return graph.node("Add", List.of(product, graph.floats(name + ".bias", bias, out)));
    }

    @Override
    public String convolution(OnnxGraph graph, Activation input, String name, Tensor weight, float[] bias, int stride) {
        int size = weight.dimension(-1);
        int padding = size / 2;
        return graph.node(
                "Conv",
                List.of(
                        input.value(),
                        graph.floats(name + ".weight", weight.values(), weight.shape()),
                        graph.floats(name + ".bias", bias, bias.length)),
                OnnxGraph.integers("kernel_shape", size, size),
                OnnxGraph.integers("pads", padding, padding, padding, padding),
                OnnxGraph.integers("strides", stride, stride));
    }
}
