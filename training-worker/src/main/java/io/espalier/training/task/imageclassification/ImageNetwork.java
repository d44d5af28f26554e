package io.espalier.training.task.imageclassification;

import io.espalier.training.export.Arithmetic;
import io.espalier.training.export.OnnxGraph;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Parameter.Group;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * A convolutional network for images: which layers it has, its program, and its graph, {@code pixel_values}, float32 [batch, 3,
 * size, size], to {@code logits}, float32 [batch, labels]. In the graph every norm is part of its convolution. Immutable.
 */
sealed interface ImageNetwork permits CompactNetwork, ResidualNetwork {
    String PIXEL_VALUES = "pixel_values";
    String LOGITS = "logits";
    /** Of all norms, in the programs too. */
    double EPSILON = 1e-5;

    /**
     * A convolution and the norm after it, by the names of their tensors.
     *
     * @param convolution without {@code .weight}
     * @param norm without {@code .weight}, {@code .bias}, {@code .running_mean} and {@code .running_var}
     * @param endsBranch whether what the norm gives is added to a shortcut, no rectifier between
     */
    record Layer(String convolution, String norm, int in, int out, int kernel, int stride, boolean endsBranch) {}

    /** In the order in which the program numbers them. */
    List<Layer> layers();

    /** The name of the linear layer at the end: {@code fc}. */
    String head();

    /** Channels that the head reads. */
    int features();

    /** The resource of the program. */
    String program();

    /** The program's attributes that say what the network is. */
    Map<String, Object> attributes();

    /** As the hyperparameter has it. */
    String name();

    /** What {@link #of} makes the network of again. */
    Map<String, Object> architecture();

    /** @throws IllegalArgumentException if it is none of these networks */
    static ImageNetwork of(Map<String, Object> architecture) {
        Object network = architecture.get("network");
        if (CompactNetwork.NAME.equals(network) && architecture.get("width") instanceof Integer width) {
            return new CompactNetwork(width);
        }
        if (ResidualNetwork.NAME.equals(network)
                && architecture.get("stem") instanceof Integer stem
                && architecture.get("bottleneck") instanceof Boolean bottleneck) {
            return new ResidualNetwork(
                    stem, integers(architecture.get("widths")), integers(architecture.get("blocks")), bottleneck);
        }
        throw new IllegalArgumentException("Of no known network: " + architecture);
    }

    private static List<Integer> integers(@Nullable Object list) {
        if (list instanceof List<?> values) {
            return values.stream().map(Integer.class::cast).toList();
        }
        throw new IllegalArgumentException("Not a list: " + list);
    }

    OnnxGraph graph(Arithmetic arithmetic, Map<String, Tensor> weights, int size);

    /**
     * Tensors to start from, in the order in which the program numbers them.
     *
     * @param pretrained by name, all but the head; null to begin with random ones
     */
    default List<Parameter> parameters(@Nullable Map<String, Tensor> pretrained, int classes, long seed) {
        Random random = new Random(seed);
        List<Parameter> parameters = new ArrayList<>();
        for (Layer layer : layers()) {
            String weight = layer.convolution + ".weight";
            if (pretrained == null) {
                int inputs = layer.in * layer.kernel * layer.kernel;
                parameters.add(new Parameter(
                        weight,
                        Group.BODY_WEIGHTS,
                        uniform(random, inputs, layer.out, layer.in, layer.kernel, layer.kernel)));
                // A residual branch begins as nothing (Goyal et al. 2017), so that the network begins shallow.
                norm(parameters, layer, "weight", Group.BODY_VECTORS, filled(layer.endsBranch ? 0 : 1, layer.out));
                norm(parameters, layer, "bias", Group.BODY_VECTORS, filled(0, layer.out));
                norm(parameters, layer, "running_mean", Group.BUFFERS, filled(0, layer.out));
                norm(parameters, layer, "running_var", Group.BUFFERS, filled(1, layer.out));
            } else {
                parameters.add(new Parameter(
                        weight,
                        Group.BODY_WEIGHTS,
                        Tensor.of(
                                Weights.named(pretrained, weight, layer.out, layer.in, layer.kernel, layer.kernel),
                                layer.out,
                                layer.in,
                                layer.kernel,
                                layer.kernel)));
                for (String vector : List.of("weight", "bias", "running_mean", "running_var")) {
                    float[] values = Weights.named(pretrained, layer.norm + "." + vector, layer.out);
                    Group group = vector.startsWith("running") ? Group.BUFFERS : Group.BODY_VECTORS;
                    norm(parameters, layer, vector, group, Tensor.of(values, layer.out));
                }
            }
        }
        parameters.add(new Parameter(
                head() + ".weight", Group.HEAD_WEIGHTS, uniform(random, features(), classes, features())));
        parameters.add(new Parameter(head() + ".bias", Group.HEAD_VECTORS, uniform(random, features(), classes)));
        return List.copyOf(parameters);
    }

    private static void norm(List<Parameter> parameters, Layer layer, String name, Group group, Tensor values) {
        parameters.add(new Parameter(layer.norm + "." + name, group, values));
    }

    /** Within one over the root of the inputs, as PyTorch's layers start. */
    private static Tensor uniform(Random random, int inputs, long... shape) {
        double bound = 1 / Math.sqrt(inputs);
        float[] values = new float[elements(shape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * bound);
        }
        return Tensor.of(values, shape);
    }

    private static Tensor filled(float value, long... shape) {
        float[] values = new float[elements(shape)];
        Arrays.fill(values, value);
        return Tensor.of(values, shape);
    }

    private static int elements(long... shape) {
        int elements = 1;
        for (long dimension : shape) {
            elements = Math.toIntExact(elements * dimension);
        }
        return elements;
    }

    /** Ends a graph: the linear layer from the features to {@value #LOGITS}. */
    static void classify(OnnxGraph graph, String features, Tensor head, float[] bias, String name) {
        int labels = head.dimension(0);
        String weight = graph.floats(name + ".weight", head.values(), head.shape());
        graph.outputAs(
                LOGITS,
                graph.node(
                        "Gemm",
                        List.of(features, weight, graph.floats(name + ".bias", bias, labels)),
                        OnnxGraph.integer("transB", 1)),
                "batch",
                labels);
    }

    /** A convolution that does what its norm did after it. */
    record Folded(Tensor weight, float[] bias) {
        static Folded of(Layer layer, Map<String, Tensor> weights) {
            float[] kernels = Weights.named(
                    weights, layer.convolution + ".weight", layer.out, layer.in, layer.kernel, layer.kernel);
            float[] gain = Weights.named(weights, layer.norm + ".weight", layer.out);
            float[] shift = Weights.named(weights, layer.norm + ".bias", layer.out);
            float[] mean = Weights.named(weights, layer.norm + ".running_mean", layer.out);
            float[] variance = Weights.named(weights, layer.norm + ".running_var", layer.out);
            float[] scaled = kernels.clone();
            float[] bias = new float[layer.out];
            int inputs = scaled.length / layer.out;
            for (int channel = 0; channel < layer.out; channel++) {
                double scale = gain[channel] / Math.sqrt(variance[channel] + EPSILON);
                for (int i = channel * inputs; i < (channel + 1) * inputs; i++) {
                    scaled[i] = (float) (scaled[i] * scale);
                }
                bias[channel] = (float) (shift[channel] - mean[channel] * scale);
            }
            return new Folded(Tensor.of(scaled, layer.out, layer.in, layer.kernel, layer.kernel), bias);
        }
    }
}
