package io.espalier.training.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.espalier.training.weights.Tensor;
import java.util.List;
import java.util.Map;

/**
 * Linear layers as integer products. Weights are symmetric with a scale a channel; what enters a layer is quantized with a
 * scale fixed at export, so that no input can change the answer to another; what leaves it is float again, because
 * requantizing costs time and accuracy (RATIONALE.md). Tables have a scale a row.
 *
 * <p>Weights have 7 bits. Processors without VNNI add two products of 8-bit numbers in 16 bits and saturate; 2 x 255 x 64 still
 * fits, so that a bundle answers alike on every processor, and as it was evaluated.
 *
 * @param ranges of what enters linear layers, by their names, and of activations, by theirs
 */
public record Int8(Map<String, Range> ranges) implements Arithmetic {
    private static final int LARGEST_WEIGHT = 64;
    private static final int LARGEST_OF_TABLE = 127;
    private static final int STEPS = 255;

    /** The values that a calibration saw. */
    public record Range(float least, float greatest) {
        Range and(Range other) {
            return new Range(Math.min(least, other.least), Math.max(greatest, other.greatest));
        }

        /** Zero must have an exact integer: it is what most of an activation is near to. */
        private float scale() {
            float scale = (Math.max(greatest, 0) - Math.min(least, 0)) / STEPS;
            return scale > 0 ? scale : 1;
        }

        private int zeroPoint() {
            return Math.clamp(Math.round(-Math.min(least, 0) / scale()), 0, STEPS);
        }
    }

    public Int8 {
        ranges = Map.copyOf(ranges);
    }

    @Override
    public String linear(OnnxGraph graph, String input, String name, float[] weight, float[] bias) {
        Range range = rangeOf(name);
        String scale = graph.scalar(name + ".inputScale", range.scale());
        String zeroPoint = graph.uint8(name + ".inputZeroPoint", range.zeroPoint());
        String quantized = graph.node("QuantizeLinear", List.of(input, scale, zeroPoint));

        int out = bias.length;
        int in = weight.length / out;
        byte[] bytes = new byte[weight.length];
        float[] scales = new float[out];
        for (int channel = 0; channel < out; channel++) {
            scales[channel] = scale(weight, channel * in, in, LARGEST_WEIGHT);
            for (int i = 0; i < in; i++) {
                bytes[i * out + channel] = quantize(weight[channel * in + i], scales[channel], LARGEST_WEIGHT);
            }
        }
        // No zero points of the weights: given ones, even zeros, make the kernel sum up every row.
        return graph.microsoft(
                "MatMulIntegerToFloat",
                List.of(
                        quantized,
                        graph.int8(name + ".weight", bytes, in, out),
                        scale,
                        graph.floats(name + ".scales", scales, out),
                        zeroPoint,
                        "",
                        graph.floats(name + ".bias", bias, out)));
    }

    /** Integers and back: ONNX Runtime runs what lies between two such pairs on the integers. */
    @Override
    public Activation activation(OnnxGraph graph, String value, String name) {
        Range range = rangeOf(name);
        String scale = graph.scalar(name + ".scale", range.scale());
        String zeroPoint = graph.uint8(name + ".zeroPoint", range.zeroPoint());
        String integers = graph.node("QuantizeLinear", List.of(value, scale, zeroPoint));
        return new Activation(name, graph.node("DequantizeLinear", List.of(integers, scale, zeroPoint)));
    }

    /** The bias is in units of an input's step times a weight's. */
    @Override
    public String convolution(OnnxGraph graph, Activation input, String name, Tensor weight, float[] bias, int stride) {
        float inputScale = rangeOf(input.name()).scale();
        int out = bias.length;
        int in = weight.values().length / out;
        byte[] bytes = new byte[weight.values().length];
        float[] scales = new float[out];
        int[] biases = new int[out];
        float[] biasScales = new float[out];
        for (int channel = 0; channel < out; channel++) {
            scales[channel] = scale(weight.values(), channel * in, in, LARGEST_WEIGHT);
            for (int i = channel * in; i < (channel + 1) * in; i++) {
                bytes[i] = quantize(weight.values()[i], scales[channel], LARGEST_WEIGHT);
            }
            biasScales[channel] = inputScale * scales[channel];
            biases[channel] = (int) Math.clamp(
                    Math.rint((double) bias[channel] / biasScales[channel]), Integer.MIN_VALUE, Integer.MAX_VALUE);
        }
        String weights = graph.node(
                "DequantizeLinear",
                List.of(
                        graph.int8(name + ".weight", bytes, weight.shape()),
                        graph.floats(name + ".scales", scales, out),
                        graph.int8(name + ".zeroPoints", new byte[out], out)),
                OnnxGraph.integer("axis", 0));
        String shift = graph.node(
                "DequantizeLinear",
                List.of(graph.int32(name + ".bias", biases), graph.floats(name + ".biasScales", biasScales, out)),
                OnnxGraph.integer("axis", 0));
        int size = weight.dimension(-1);
        int padding = size / 2;
        return graph.node(
                "Conv",
                List.of(input.value(), weights, shift),
                OnnxGraph.integers("kernel_shape", size, size),
                OnnxGraph.integers("pads", padding, padding, padding, padding),
                OnnxGraph.integers("strides", stride, stride));
    }

    private Range rangeOf(String name) {
        Range range = ranges.get(name);
        if (range == null) {
            throw new IllegalStateException("The calibration did not watch " + name + ".");
        }
        return range;
    }

    @Override
    public String gather(OnnxGraph graph, String ids, String name, float[] table, int columns) {
        int rows = table.length / columns;
        byte[] bytes = new byte[table.length];
        float[] scales = new float[rows];
        for (int row = 0; row < rows; row++) {
            scales[row] = scale(table, row * columns, columns, LARGEST_OF_TABLE);
            for (int i = row * columns; i < (row + 1) * columns; i++) {
                bytes[i] = quantize(table[i], scales[row], LARGEST_OF_TABLE);
            }
        }
        String integers = graph.node("Gather", List.of(graph.int8(name, bytes, rows, columns), ids));
        return graph.node(
                "Mul",
                List.of(
                        graph.node("Cast", List.of(integers), OnnxGraph.type(DataType.FLOAT)),
                        graph.node("Gather", List.of(graph.floats(name + ".scales", scales, rows, 1), ids))));
    }

    private static float scale(float[] values, int from, int count, int integers) {
        float largest = 0;
        for (int i = from; i < from + count; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        return largest > 0 ? largest / integers : 1;
    }

    private static byte quantize(float value, float scale, int largest) {
        return (byte) Math.clamp(Math.round(value / scale), -largest, largest);
    }
}
