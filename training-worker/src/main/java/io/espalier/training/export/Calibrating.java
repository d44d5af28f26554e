package io.espalier.training.export;

import io.espalier.training.weights.Tensor;
import java.util.ArrayList;
import java.util.List;

/** As {@link Float32}, but watches the least and the greatest value of all that {@link Int8} quantizes. */
final class Calibrating implements Arithmetic {
    /** Output of a watched graph, float32 [watched, 2]. */
    static final String RANGES = "ranges";

    private static final Float32 FLOAT32 = new Float32();

    private final List<String> watched = new ArrayList<>();
    private final List<String> extremes = new ArrayList<>();

    @Override
    public String linear(OnnxGraph graph, String input, String name, float[] weight, float[] bias) {
        watch(graph, input, name);
        return FLOAT32.linear(graph, input, name, weight, bias);
    }

    @Override
    public Activation activation(OnnxGraph graph, String value, String name) {
        watch(graph, value, name);
        return FLOAT32.activation(graph, value, name);
    }

    @Override
    public String convolution(OnnxGraph graph, Activation input, String name, Tensor weight, float[] bias, int stride) {
        return FLOAT32.convolution(graph, input, name, weight, bias, stride);
    }

    private void watch(OnnxGraph graph, String value, String name) {
        watched.add(name);
        for (String extreme : List.of("ReduceMin", "ReduceMax")) {
            extremes.add(graph.node("Reshape", List.of(graph.node(extreme, List.of(value)), graph.longs("single", 1))));
        }
    }

    /** Ends the graph: makes what was seen its output. */
    void addRanges(OnnxGraph graph) {
        String all = graph.node("Concat", extremes, OnnxGraph.integer("axis", 0));
        graph.outputAs(
                RANGES,
                graph.node("Reshape", List.of(all, graph.longs("pairs", watched.size(), 2))),
                watched.size(),
                2);
    }

    /** In the order of the rows of {@link #RANGES}. */
    List<String> watched() {
        return List.copyOf(watched);
    }
}
