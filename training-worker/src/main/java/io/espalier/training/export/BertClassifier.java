package io.espalier.training.export;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
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

    public int labels() {
        return Weights.named(weights, "classifier.bias").values().length;
    }

    /** Describes the network in an arithmetic. The names of the layers do not depend on it. */
    public OnnxGraph graph(Arithmetic arithmetic) {
        OnnxGraph graph = new OnnxGraph();
        graph.longInput(INPUT_IDS, "batch", "length");
        graph.longInput(ATTENTION_MASK, "batch", "length");
        String mask = graph.node("Cast", List.of(ATTENTION_MASK), OnnxGraph.type(DataType.FLOAT));
        String bias = attentionBias(graph, mask);
        String hidden = embeddings(graph, arithmetic);
        for (int layer = 0; layer < config.layers(); layer++) {
            hidden = layer(graph, arithmetic, "encoder.layer." + layer + ".", hidden, bias);
        }
        String pooled = switch (config.pooling()) {
            case MEAN -> mean(graph, hidden, mask);
            case CLS -> graph.node("Gather", List.of(hidden, graph.index("first", 0)), OnnxGraph.integer("axis", 1));
        };
        String logits = graph.node(
                "Gemm",
                List.of(
                        pooled,
                        graph.floats(
                                "classifier.weight",
                                vector("classifier.weight", labels(), config.hiddenSize()),
                                labels(),
                                config.hiddenSize()),
                        graph.floats("classifier.bias", vector("classifier.bias", labels()), labels())),
                OnnxGraph.integer("transB", 1));
        graph.outputAs(LOGITS, logits, "batch", labels());
        return graph;
    }

    /** 0 where the mask is 1 and -{@value #MASKED} where it is 0: [batch, 1, 1, length]. */
    private static String attentionBias(OnnxGraph graph, String mask) {
        String missing = graph.node("Sub", List.of(mask, graph.scalar("one", 1)));
        String scaled = graph.node("Mul", List.of(missing, graph.scalar("masked", MASKED)));
        return graph.node("Unsqueeze", List.of(scaled, graph.longs("headAxes", 1, 2)));
    }

    private String embeddings(OnnxGraph graph, Arithmetic arithmetic) {
        int width = config.hiddenSize();
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
        String length =
                graph.node("Shape", List.of(INPUT_IDS), OnnxGraph.integer("start", 1), OnnxGraph.integer("end", 2));
        String used = graph.node(
                "Slice",
                List.of(
                        graph.floats("embeddings.positions", positions, config.maxPositions(), width),
                        graph.longs("from", 0),
                        length,
                        graph.longs("positionAxis", 0)));
        return norm(graph, "embeddings.LayerNorm", graph.node("Add", List.of(words, used)));
    }

    private String layer(OnnxGraph graph, Arithmetic arithmetic, String prefix, String input, String bias) {
        String context = attention(graph, arithmetic, prefix + "attention.self.", input, bias);
        String attended = residual(graph, arithmetic, prefix + "attention.output.", context, input);
        String inner = linear(
                graph,
                arithmetic,
                prefix + "intermediate.dense",
                attended,
                config.intermediateSize(),
                config.hiddenSize());
        return residual(graph, arithmetic, prefix + "output.", graph.microsoft("Gelu", List.of(inner)), attended);
    }

    /** Query, key and value come out of one product, the queries scaled by it, and are laid out by one transpose. */
    private String attention(OnnxGraph graph, Arithmetic arithmetic, String prefix, String input, String bias) {
        int width = config.hiddenSize();
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
        String heads =
                graph.node("Reshape", List.of(all, graph.longs("heads", 0, 0, 3, config.heads(), config.headSize())));
        List<String> parts = graph.nodeOf(
                3,
                "Split",
                List.of(graph.node("Transpose", List.of(heads), OnnxGraph.integers("perm", 2, 0, 3, 1, 4))),
                OnnxGraph.integer("axis", 0));
        String scores =
                graph.microsoft("FusedMatMul", List.of(parts.get(0), parts.get(1)), OnnxGraph.integer("transB", 1));
        String probabilities =
                graph.node("Softmax", List.of(graph.node("Add", List.of(scores, bias))), OnnxGraph.integer("axis", -1));
        // [1, batch, heads, length, size] to [batch, length, 1, heads, size].
        String context = graph.node(
                "Transpose",
                List.of(graph.node("MatMul", List.of(probabilities, parts.get(2)))),
                OnnxGraph.integers("perm", 1, 3, 0, 2, 4));
        return graph.node("Reshape", List.of(context, graph.longs("merged", 0, 0, width)));
    }

    private String residual(OnnxGraph graph, Arithmetic arithmetic, String prefix, String input, String skipped) {
        int in = Weights.named(weights, prefix + "dense.weight").dimension(1);
        String output = linear(graph, arithmetic, prefix + "dense", input, config.hiddenSize(), in);
        return norm(graph, prefix + "LayerNorm", graph.node("Add", List.of(output, skipped)));
    }

    private String linear(OnnxGraph graph, Arithmetic arithmetic, String name, String input, int out, int in) {
        return arithmetic.linear(graph, input, name, vector(name + ".weight", out, in), vector(name + ".bias", out));
    }

    private String norm(OnnxGraph graph, String name, String input) {
        int width = config.hiddenSize();
        return graph.node(
                "LayerNormalization",
                List.of(
                        input,
                        graph.floats(name + ".weight", vector(name + ".weight", width), width),
                        graph.floats(name + ".bias", vector(name + ".bias", width), width)),
                OnnxGraph.integer("axis", -1),
                OnnxGraph.number("epsilon", config.layerNormEpsilon()));
    }

    private static String mean(OnnxGraph graph, String hidden, String mask) {
        String count = graph.node("ReduceSum", List.of(mask, graph.longs("tokenAxis", 1)));
        String shares = graph.node("Unsqueeze", List.of(graph.node("Div", List.of(mask, count)), "tokenAxis"));
        String sum = graph.node("MatMul", List.of(shares, hidden));
        return graph.node("Squeeze", List.of(sum, "tokenAxis"));
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
