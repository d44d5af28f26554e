package io.espalier.training.export;

import java.util.ArrayList;
import java.util.List;

/** As {@link Float32}, with the least and the greatest value that enters each linear layer as outputs of the graph. */
final class Calibrating implements Arithmetic {
    private static final Float32 FLOAT32 = new Float32();

    private final List<String> layers = new ArrayList<>();

    @Override
    public String linear(OnnxGraph graph, String input, String name, float[] weight, float[] bias) {
        layers.add(name);
        graph.outputAs(least(name), graph.node("ReduceMin", List.of(input), OnnxGraph.integer("keepdims", 0)));
        graph.outputAs(greatest(name), graph.node("ReduceMax", List.of(input), OnnxGraph.integer("keepdims", 0)));
        return FLOAT32.linear(graph, input, name, weight, bias);
    }

    List<String> layers() {
        return List.copyOf(layers);
    }

    static String least(String layer) {
        return layer + ".least";
    }

    static String greatest(String layer) {
        return layer + ".greatest";
    }
}
