package io.espalier.training.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A BERT encoder (Devlin et al. 2019) with pooling and a linear classifier: {@code input_ids} and {@code attention_mask},
 * int64 [batch, length], to {@code logits}, float32 [batch, labels].
 *
 * <p>Masked positions contribute exactly nothing: their attention weights underflow to zero, and pooling leaves them out. The
 * operators are those that ONNX Runtime is fastest with on a CPU, which are not the most fused ones (RATIONALE.md).
 *
 * @param weights in Hugging Face's names, linear ones [out, in], and {@code classifier.weight}, {@code classifier.bias}
 */
public record BertClassifier(EncoderConfig config, Map<String, Tensor> weights) {
    public static final String INPUT_IDS = "input_ids";
    public static final String ATTENTION_MASK = "attention_mask";
    public static final String LOGITS = "logits";

    /** Far below every score, so that its exponential is zero, and far from where floats end. */
    private static final float MASKED = 10_000;
    /** What a batch of long texts takes stays small beside the model. */
    private static final int CALIBRATION_BATCH = 16;

    public int labels() {
        return Weights.named(weights, "classifier.bias").values().length;
    }

    /** Describes the network in an arithmetic. The names of the layers do not depend on it. */
    public OnnxGraph graph(Arithmetic arithmetic) {
        return new Description(arithmetic).whole();
    }

    /**
     * The integer arithmetic for this network, by what it makes of some texts. Texts of equal length run together: padding would
     * count as if it were text.
     *
     * @param tokens of training examples, one at least; a few hundred tell as much as all
     */
    public Int8 calibrated(List<long[]> tokens) throws IOException {
        Map<Integer, List<long[]>> byLength = new HashMap<>();
        tokens.forEach(text ->
                byLength.computeIfAbsent(text.length, _ -> new ArrayList<>()).add(text));
        List<Calibration.Batch> batches = new ArrayList<>();
        for (List<long[]> equallyLong : byLength.values()) {
            for (int from = 0; from < equallyLong.size(); from += CALIBRATION_BATCH) {
                List<long[]> batch = equallyLong.subList(from, Math.min(equallyLong.size(), from + CALIBRATION_BATCH));
                batches.add(feed -> fill(feed, batch));
            }
        }
        return Calibration.of(this::graph, batches);
    }

    private static void fill(OnnxModel.Feed feed, List<long[]> batch) {
        int length = batch.getFirst().length;
        var ids = feed.longs(INPUT_IDS, batch.size(), length);
        batch.forEach(ids::put);
        var mask = feed.longs(ATTENTION_MASK, batch.size(), length);
        while (mask.hasRemaining()) {
            mask.put(1);
        }
    }

    /** Writes the network down, operator by operator. */
    private final class Description {
        private final OnnxGraph graph = new OnnxGraph();
        private final Arithmetic arithmetic;
        private final int width = config.hiddenSize();
        /** [batch, length], 1 or 0. */
        private final String mask;
        /** 0 where the mask is 1 and -{@value #MASKED} where it is 0: [batch, 1, 1, length]. */
        private final String bias;

        private final String length;
        private final String ones;
        private final String zeros;

        Description(Arithmetic arithmetic) {
            this.arithmetic = arithmetic;
            graph.longInput(INPUT_IDS, "batch", "length");
            graph.longInput(ATTENTION_MASK, "batch", "length");
            mask = graph.node("Cast", List.of(ATTENTION_MASK), OnnxGraph.type(DataType.FLOAT));
            String missing = graph.node("Sub", List.of(mask, graph.scalar("one", 1)));
            String scaled = graph.node("Mul", List.of(missing, graph.scalar("masked", MASKED)));
            bias = graph.node("Unsqueeze", List.of(scaled, graph.longs("headAxes", 1, 2)));
            length =
                    graph.node("Shape", List.of(INPUT_IDS), OnnxGraph.integer("start", 1), OnnxGraph.integer("end", 2));
            ones = graph.node("Expand", List.of("one", length));
            zeros = graph.node("Expand", List.of(graph.scalar("zero", 0), length));
        }

        OnnxGraph whole() {
            String hidden = embeddings();
            for (int layer = 0; layer < config.layers(); layer++) {
                hidden = layer("encoder.layer." + layer + ".", hidden);
            }
            String pooled = switch (config.pooling()) {
                case MEAN -> mean(hidden);
                case CLS ->
                    graph.node("Gather", List.of(hidden, graph.index("first", 0)), OnnxGraph.integer("axis", 1));
            };
            String weight =
                    graph.floats("classifier.weight", vector("classifier.weight", labels(), width), labels(), width);
            String logits = graph.node(
                    "Gemm",
                    List.of(
                            pooled,
                            weight,
                            graph.floats("classifier.bias", vector("classifier.bias", labels()), labels())),
                    OnnxGraph.integer("transB", 1));
            graph.outputAs(LOGITS, logits, "batch", labels());
            return graph;
        }

        private String embeddings() {
            String words = arithmetic.gather(
                    graph,
                    INPUT_IDS,
                    "embeddings.word_embeddings.weight",
                    vector("embeddings.word_embeddings.weight", config.vocabSize(), width),
                    width);
            // A text is one segment: its token type is part of every position.
            float[] positions = vector("embeddings.position_embeddings.weight", config.maxPositions(), width)
                    .clone();
            float[] types = vector("embeddings.token_type_embeddings.weight", config.tokenTypes(), width);
            for (int i = 0; i < positions.length; i++) {
                positions[i] += types[i % width];
            }
            String used = graph.node(
                    "Slice",
                    List.of(
                            graph.floats("embeddings.positions", positions, config.maxPositions(), width),
                            graph.longs("from", 0),
                            length,
                            graph.longs("positionAxis", 0)));
            return norm("embeddings.LayerNorm", graph.node("Add", List.of(words, used)));
        }

        private String layer(String prefix, String input) {
            String context = attention(prefix + "attention.self.", input);
            String attended = residual(prefix + "attention.output.", context, input);
            String inner = linear(prefix + "intermediate.dense", attended, config.intermediateSize(), width);
            return residual(prefix + "output.", graph.microsoft("Gelu", List.of(inner)), attended);
        }

        /** Query, key and value come out of one product, the queries scaled by it, and are laid out by one transpose. */
        private String attention(String prefix, String input) {
            float scale = (float) (1 / Math.sqrt(config.headSize()));
            String all = arithmetic.linear(
                    graph,
                    input,
                    prefix + "all",
                    concatenated(
                            scaled(vector(prefix + "query.weight", width, width), scale),
                            vector(prefix + "key.weight", width, width),
                            vector(prefix + "value.weight", width, width)),
                    concatenated(
                            scaled(vector(prefix + "query.bias", width), scale),
                            vector(prefix + "key.bias", width),
                            vector(prefix + "value.bias", width)));
            String heads = graph.node(
                    "Reshape", List.of(all, graph.longs("heads", 0, 0, 3, config.heads(), config.headSize())));
            List<String> parts = graph.nodeOf(
                    3,
                    "Split",
                    List.of(graph.node("Transpose", List.of(heads), OnnxGraph.integers("perm", 2, 0, 3, 1, 4))),
                    OnnxGraph.integer("axis", 0));
            String scores =
                    graph.microsoft("FusedMatMul", List.of(parts.get(0), parts.get(1)), OnnxGraph.integer("transB", 1));
            String probabilities = graph.node(
                    "Softmax", List.of(graph.node("Add", List.of(scores, bias))), OnnxGraph.integer("axis", -1));
            // [1, batch, heads, length, size] to [batch, length, 1, heads, size].
            String context = graph.node(
                    "Transpose",
                    List.of(graph.node("MatMul", List.of(probabilities, parts.get(2)))),
                    OnnxGraph.integers("perm", 1, 3, 0, 2, 4));
            return graph.node("Reshape", List.of(context, graph.longs("merged", 0, 0, width)));
        }

        private String residual(String prefix, String input, String skipped) {
            int in = Weights.named(weights, prefix + "dense.weight").dimension(1);
            String output = linear(prefix + "dense", input, width, in);
            return norm(prefix + "LayerNorm", graph.node("Add", List.of(output, skipped)));
        }

        private String linear(String name, String input, int out, int in) {
            return arithmetic.linear(
                    graph, input, name, vector(name + ".weight", out, in), vector(name + ".bias", out));
        }

        /**
         * A layer norm, by the instance norm with positions for channels: ONNX Runtime's own LayerNormalization adds up one
         * number after the other and takes a fifth of the whole network's time.
         */
        private String norm(String name, String input) {
            String unit = graph.node(
                    "InstanceNormalization",
                    List.of(input, ones, zeros),
                    OnnxGraph.number("epsilon", config.layerNormEpsilon()));
            String weight = graph.floats(name + ".weight", vector(name + ".weight", width), width);
            String shift = graph.floats(name + ".bias", vector(name + ".bias", width), width);
            return graph.node("Add", List.of(graph.node("Mul", List.of(unit, weight)), shift));
        }

        private String mean(String hidden) {
            String count = graph.node("ReduceSum", List.of(mask, graph.longs("tokenAxis", 1)));
            String shares = graph.node("Unsqueeze", List.of(graph.node("Div", List.of(mask, count)), "tokenAxis"));
            String sum = graph.node("MatMul", List.of(shares, hidden));
            return graph.node("Squeeze", List.of(sum, "tokenAxis"));
        }
    }

    private float[] vector(String name, long... shape) {
        return Weights.named(weights, name, shape);
    }

    private static float[] scaled(float[] values, float factor) {
        float[] scaled = values.clone();
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= factor;
        }
        return scaled;
    }

    private static float[] concatenated(float[]... parts) {
        int length = 0;
        for (float[] part : parts) {
            length += part.length;
        }
        float[] all = new float[length];
        int position = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, position, part.length);
            position += part.length;
        }
        return all;
    }
}
