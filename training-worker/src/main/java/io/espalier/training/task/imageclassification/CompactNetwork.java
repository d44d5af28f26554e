package io.espalier.training.task.imageclassification;

import io.espalier.training.export.Arithmetic;
import io.espalier.training.export.Arithmetic.Activation;
import io.espalier.training.export.OnnxGraph;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.util.List;
import java.util.Map;

/**
 * Nine layers for small images (after "ResNet-9", Page 2018): {@code compact-residual-network.py}.
 *
 * @param width channels of the first layer
 */
record CompactNetwork(int width) implements ImageNetwork {
    static final String NAME = "compact";
    private static final int KERNEL = 3;
    /** As the program has it. */
    private static final float LOGIT_SCALE = 0.125f;

    @Override
    public List<Layer> layers() {
        return List.of(
                layer(0, 3, width),
                layer(1, width, 2 * width),
                layer(2, 2 * width, 2 * width),
                layer(3, 2 * width, 2 * width),
                layer(4, 2 * width, 4 * width),
                layer(5, 4 * width, 8 * width),
                layer(6, 8 * width, 8 * width),
                layer(7, 8 * width, 8 * width));
    }

    private static Layer layer(int index, int in, int out) {
        String name = "layers." + index;
        return new Layer(name + ".conv", name + ".norm", in, out, KERNEL, 1, false);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String head() {
        return "head";
    }

    @Override
    public int features() {
        return 8 * width;
    }

    @Override
    public String program() {
        return "compact-residual-network.py";
    }

    @Override
    public Map<String, Object> attributes() {
        return Map.of();
    }

    @Override
    public Map<String, Object> architecture() {
        return Map.of("network", NAME, "width", width);
    }

    @Override
    public OnnxGraph graph(Arithmetic arithmetic, Map<String, Tensor> weights, int size) {
        return new Description(arithmetic, weights).whole(size);
    }

    /** Writes the network down, operator by operator. */
    private final class Description {
        private final OnnxGraph graph = new OnnxGraph();
        private final List<Layer> layers = layers();
        private final Arithmetic arithmetic;
        private final Map<String, Tensor> weights;

        Description(Arithmetic arithmetic, Map<String, Tensor> weights) {
            this.arithmetic = arithmetic;
            this.weights = weights;
        }

        OnnxGraph whole(int size) {
            graph.floatInput(PIXEL_VALUES, "batch", 3, size, size);
            Activation x = unit(0, arithmetic.activation(graph, PIXEL_VALUES, PIXEL_VALUES));
            x = pooled(1, x);
            x = residual(2, x);
            x = pooled(4, x);
            x = pooled(5, x);
            x = residual(6, x);
            String features = graph.node("Flatten", List.of(graph.node("GlobalMaxPool", List.of(x.value()))));
            Tensor head = Weights.named(weights, "head.weight");
            ImageNetwork.classify(
                    graph,
                    features,
                    Tensor.of(scaled(head.values()), head.shape()),
                    Weights.named(weights, "head.bias", head.dimension(0)),
                    head());
            return graph;
        }

        private Activation unit(int layer, Activation x) {
            return arithmetic.activation(graph, rectified(layer, x), name(layer));
        }

        private Activation pooled(int layer, Activation x) {
            String pooled = graph.node(
                    "MaxPool",
                    List.of(rectified(layer, x)),
                    OnnxGraph.integers("kernel_shape", 2, 2),
                    OnnxGraph.integers("strides", 2, 2));
            return arithmetic.activation(graph, pooled, name(layer));
        }

        private Activation residual(int layer, Activation x) {
            Activation inner = unit(layer + 1, unit(layer, x));
            return arithmetic.activation(
                    graph, graph.node("Add", List.of(x.value(), inner.value())), "residual." + layer);
        }

        private String rectified(int layer, Activation x) {
            Folded folded = Folded.of(layers.get(layer), weights);
            return graph.node(
                    "Relu", List.of(arithmetic.convolution(graph, x, name(layer), folded.weight(), folded.bias(), 1)));
        }

        private static String name(int layer) {
            return "layers." + layer;
        }

        private static float[] scaled(float[] values) {
            float[] scaled = values.clone();
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] *= LOGIT_SCALE;
            }
            return scaled;
        }
    }
}
