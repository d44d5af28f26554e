package io.espalier.training.export;

import java.util.ArrayList;
import java.util.List;

/** As {@link Float32}, but watches the least and the greatest value that enters each linear layer. */
final class Calibrating implements Arithmetic {
    /** Output of a watched graph, float32 [layers, 2]. */
    static final String RANGES = "ranges";

    private static final Float32 FLOAT32 = new Float32();

    private final List<String> layers = new ArrayList<>();
    private final List<String> extremes = new ArrayList<>();

    @Override
    public String linear(OnnxGraph graph, String input, String name, float[] weight, float[] bias) {
        layers.add(name);
        extremes.add(graph.node("ReduceMin", List.of(input)));
        extremes.add(graph.node("ReduceMax", List.of(input)));
        return FLOAT32.linear(graph, input, name, weight, bias);
    }

    /** Ends the graph: makes what was seen its output. */
    void addRanges(OnnxGraph graph) {
        String all = graph.node("Concat", extremes, OnnxGraph.integer("axis", 0));
        graph.outputAs(
                RANGES, graph.node("Reshape", List.of(all, graph.longs("pairs", layers.size(), 2))), layers.size(), 2);
    }

    /** In the order of the rows of {@link #RANGES}. */
    List<String> layers() {
        return List.copyOf(layers);
    }
}
