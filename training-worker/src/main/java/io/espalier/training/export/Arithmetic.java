package io.espalier.training.export;

import java.util.List;

/** How a graph computes what its precision matters for: linear layers and look-ups in large tables. */
public sealed interface Arithmetic permits Float32, Calibrating, Int8 {
    /**
     * Adds {@code input · weightᵀ + bias}.
     *
     * @param input name of a value [.., in]
     * @param name of the layer; gives the constants theirs
     * @param weight [out, in], row-major
     * @return name of a float value [.., out]
     */
    String linear(OnnxGraph graph, String input, String name, float[] weight, float[] bias);

    /**
     * Adds a look-up of rows.
     *
     * @param ids name of an int64 value
     * @param table [rows, columns]
     * @return name of a float value, the shape of the ids and one dimension more
     */
    default String gather(OnnxGraph graph, String ids, String name, float[] table, int columns) {
        return graph.node("Gather", List.of(graph.floats(name, table, table.length / columns, columns), ids));
    }
}
