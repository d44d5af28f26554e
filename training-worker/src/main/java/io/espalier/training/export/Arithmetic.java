package io.espalier.training.export;

import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.util.List;

/** How a graph computes what its precision matters for: linear layers and look-ups in large tables. */
public sealed interface Arithmetic permits Float32, Calibrating, Int8 {
    /** What {@link #of} knows, the reference first. */
    List<String> PRECISIONS = List.of("fp32", "int8");

    /**
     * The arithmetic of a precision.
     *
     * @param calibration is asked where the precision takes one
     * @throws IllegalArgumentException if it is none of {@link #PRECISIONS}
     */
    static Arithmetic of(String precision, Calibrated calibration) throws IOException {
        return switch (precision) {
            case "fp32" -> new Float32();
            case "int8" -> calibration.int8();
            default -> throw new IllegalArgumentException("There is no precision " + precision + ".");
        };
    }

    /** Runs a network on examples, which takes seconds. */
    interface Calibrated {
        Int8 int8() throws IOException;
    }

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
     * Marks what convolutions and sums read: an integer arithmetic has it in integers, whatever it is used for.
     *
     * @param value name of a float value
     * @param name what the calibration calls it
     */
    default Activation activation(OnnxGraph graph, String value, String name) {
        return new Activation(name, value);
    }

    /**
     * What convolutions and sums read.
     *
     * @param name what the calibration calls it
     * @param value name of a float value
     */
    record Activation(String name, String value) {}

    /**
     * Adds a convolution over images that are padded so that those of stride 1 keep their size.
     *
     * @param input [.., in, height, width]
     * @param name of the layer; gives the constants theirs
     * @param weight [out, in, size, size], the size odd
     * @return name of a float value [.., out, height / stride, width / stride]
     */
    String convolution(OnnxGraph graph, Activation input, String name, Tensor weight, float[] bias, int stride);

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
