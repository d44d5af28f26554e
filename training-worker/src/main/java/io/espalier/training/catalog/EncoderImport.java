package io.espalier.training.catalog;

import io.espalier.training.catalog.EncoderConfig.Pooling;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.TensorSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * Reads text encoders in the layout of Hugging Face's transformers, BERT (MiniLM among them), DistilBERT and RoBERTa, into the
 * one layout that is trained here, which is BERT's. Nothing is unpickled, and every tensor is accounted for.
 */
public final class EncoderImport {
    /** Heads for other tasks, a pooler that no classifier here uses, and indices. */
    private static final Pattern BERT_IGNORED =
            Pattern.compile("(pooler|cls|classifier|qa_outputs)\\..*|embeddings\\.position_ids");

    private static final Pattern DISTILBERT_IGNORED =
            Pattern.compile("(vocab_\\w+|pre_classifier|classifier|qa_outputs)\\..*|embeddings\\.position_ids");
    private static final Pattern ROBERTA_IGNORED =
            Pattern.compile("(pooler|lm_head|classifier|qa_outputs)\\..*|embeddings\\.(position_ids|token_type_ids)");
    private static final int MOST_LAYERS = 100;

    private EncoderImport() {}

    /**
     * An encoder in BERT's layout.
     *
     * @param weights last as long as the tensors that they were made of
     */
    public record Encoder(EncoderConfig config, Map<String, TensorSource> weights) {}

    /**
     * Reads an encoder.
     *
     * @param settings {@code config.json}
     * @throws ImportRefusedException with all that is wrong
     */
    public static Encoder read(JsonNode settings, Map<String, TensorSource> tensors) {
        String type = settings.path("model_type").asString("");
        if (settings.path("is_decoder").asBoolean(false)) {
            throw new ImportRefusedException(
                    "The configuration says is_decoder: what reads a text from left to right alone is no encoder.");
        }
        return switch (type) {
            case "bert" -> bert(new Sizes(settings), tensors);
            case "distilbert" -> distilbert(settings, tensors);
            case "roberta", "xlm-roberta" -> roberta(new Sizes(settings), tensors);
            default ->
                throw new ImportRefusedException(
                        "The configuration says model_type \"%s\"; encoders of bert, distilbert and roberta can be imported."
                                .formatted(type));
        };
    }

    /** What all three say alike. */
    private static final class Sizes {
        private final JsonNode settings;

        Sizes(JsonNode settings) {
            this.settings = settings;
            String position = settings.path("position_embedding_type").asString("absolute");
            if (!position.equals("absolute")) {
                throw new ImportRefusedException(
                        "The configuration says position_embedding_type \"%s\"; only absolute positions are known."
                                .formatted(position));
            }
            activation(settings.path("hidden_act").asString("gelu"));
        }

        int positive(String name) {
            return EncoderImport.positive(settings, name);
        }

        double epsilon() {
            return settings.path("layer_norm_eps").asDouble(1e-12);
        }

        EncoderConfig config(int maxPositions, int tokenTypes) {
            return EncoderImport.config(
                    positive("hidden_size"),
                    positive("num_hidden_layers"),
                    positive("num_attention_heads"),
                    positive("intermediate_size"),
                    positive("vocab_size"),
                    maxPositions,
                    tokenTypes,
                    epsilon(),
                    settings);
        }
    }

    private static void activation(String name) {
        if (!name.equals("gelu")) {
            throw new ImportRefusedException(
                    "The configuration says the activation \"%s\"; only gelu is known.".formatted(name));
        }
    }

    private static int positive(JsonNode settings, String name) {
        JsonNode value = settings.path(name);
        if (!value.isInt() || value.intValue() < 1) {
            throw new ImportRefusedException("The configuration's %s is not a positive whole number.".formatted(name));
        }
        return value.intValue();
    }

    private static EncoderConfig config(
            int width,
            int layers,
            int heads,
            int inner,
            int words,
            int positions,
            int types,
            double epsilon,
            JsonNode settings) {
        if (layers > MOST_LAYERS) {
            throw new ImportRefusedException(
                    "The configuration says %d layers; at most %d are imported.".formatted(layers, MOST_LAYERS));
        }
        Pooling pooling = settings.path("pooling").asString("mean").equals("cls") ? Pooling.CLS : Pooling.MEAN;
        try {
            return new EncoderConfig(
                    "bert", "gelu", width, layers, heads, inner, words, positions, types, epsilon, pooling);
        } catch (IllegalArgumentException e) {
            throw new ImportRefusedException(String.valueOf(e.getMessage()));
        }
    }

    private static Encoder bert(Sizes sizes, Map<String, TensorSource> tensors) {
        EncoderConfig config =
                sizes.config(sizes.positive("max_position_embeddings"), sizes.positive("type_vocab_size"));
        TensorCheck check = new TensorCheck(modern(stripped(tensors, "bert.")));
        embeddings(check, config, config.maxPositions(), config.tokenTypes());
        for (int layer = 0; layer < config.layers(); layer++) {
            bertLayer(check, "encoder.layer." + layer + ".", config);
        }
        return new Encoder(config, check.taken(BERT_IGNORED));
    }

    private static void embeddings(TensorCheck check, EncoderConfig config, int positions, int types) {
        int width = config.hiddenSize();
        check.take("embeddings.word_embeddings.weight", config.vocabSize(), width);
        check.take("embeddings.position_embeddings.weight", positions, width);
        check.take("embeddings.token_type_embeddings.weight", types, width);
        check.take("embeddings.LayerNorm.weight", width);
        check.take("embeddings.LayerNorm.bias", width);
    }

    private static void bertLayer(TensorCheck check, String prefix, EncoderConfig config) {
        int width = config.hiddenSize();
        int inner = config.intermediateSize();
        for (String name : List.of("query", "key", "value")) {
            linear(check, prefix + "attention.self." + name, prefix + "attention.self." + name, width, width);
        }
        linear(check, prefix + "attention.output.dense", prefix + "attention.output.dense", width, width);
        norm(check, prefix + "attention.output.LayerNorm", prefix + "attention.output.LayerNorm", width);
        linear(check, prefix + "intermediate.dense", prefix + "intermediate.dense", inner, width);
        linear(check, prefix + "output.dense", prefix + "output.dense", width, inner);
        norm(check, prefix + "output.LayerNorm", prefix + "output.LayerNorm", width);
    }

    private static void linear(TensorCheck check, String name, String as, int out, int in) {
        check.take(name + ".weight", as + ".weight", out, in);
        check.take(name + ".bias", as + ".bias", out);
    }

    private static void norm(TensorCheck check, String name, String as, int width) {
        check.take(name + ".weight", as + ".weight", width);
        check.take(name + ".bias", as + ".bias", width);
    }

    private static Encoder distilbert(JsonNode settings, Map<String, TensorSource> tensors) {
        activation(settings.path("activation").asString("gelu"));
        EncoderConfig config = config(
                positive(settings, "dim"),
                positive(settings, "n_layers"),
                positive(settings, "n_heads"),
                positive(settings, "hidden_dim"),
                positive(settings, "vocab_size"),
                positive(settings, "max_position_embeddings"),
                1,
                1e-12,
                settings);
        int width = config.hiddenSize();
        TensorCheck check = new TensorCheck(stripped(tensors, "distilbert."));
        check.take("embeddings.word_embeddings.weight", config.vocabSize(), width);
        check.take("embeddings.position_embeddings.weight", config.maxPositions(), width);
        norm(check, "embeddings.LayerNorm", "embeddings.LayerNorm", width);
        for (int layer = 0; layer < config.layers(); layer++) {
            String from = "transformer.layer." + layer + ".";
            String to = "encoder.layer." + layer + ".";
            linear(check, from + "attention.q_lin", to + "attention.self.query", width, width);
            linear(check, from + "attention.k_lin", to + "attention.self.key", width, width);
            linear(check, from + "attention.v_lin", to + "attention.self.value", width, width);
            linear(check, from + "attention.out_lin", to + "attention.output.dense", width, width);
            norm(check, from + "sa_layer_norm", to + "attention.output.LayerNorm", width);
            linear(check, from + "ffn.lin1", to + "intermediate.dense", config.intermediateSize(), width);
            linear(check, from + "ffn.lin2", to + "output.dense", width, config.intermediateSize());
            norm(check, from + "output_layer_norm", to + "output.LayerNorm", width);
        }
        Map<String, TensorSource> weights = new HashMap<>(check.taken(DISTILBERT_IGNORED));
        // It knows no token types: one that adds nothing.
        weights.put("embeddings.token_type_embeddings.weight", Tensor.of(new float[width], 1, width));
        return new Encoder(config, weights);
    }

    /** Its positions begin after the number of the padding token, which takes two rows of the table that no text reads. */
    private static Encoder roberta(Sizes sizes, Map<String, TensorSource> tensors) {
        int padding = sizes.settings.path("pad_token_id").asInt(1);
        int rows = sizes.positive("max_position_embeddings");
        int unread = padding + 1;
        if (padding < 0 || padding >= rows - 1) {
            throw new ImportRefusedException(
                    "The configuration's max_position_embeddings %d leaves no positions after pad_token_id %d."
                            .formatted(rows, padding));
        }
        EncoderConfig config = sizes.config(rows - unread, sizes.positive("type_vocab_size"));
        TensorCheck check = new TensorCheck(modern(stripped(tensors, "roberta.")));
        embeddings(check, config, rows, config.tokenTypes());
        for (int layer = 0; layer < config.layers(); layer++) {
            bertLayer(check, "encoder.layer." + layer + ".", config);
        }
        Map<String, TensorSource> weights = new HashMap<>(check.taken(ROBERTA_IGNORED));
        int width = config.hiddenSize();
        weights.compute("embeddings.position_embeddings.weight", (_, all) -> {
            float[] values = all == null ? new float[0] : all.values();
            return Tensor.of(Arrays.copyOfRange(values, unread * width, rows * width), rows - unread, width);
        });
        return new Encoder(config, weights);
    }

    /** Names without what those of the encoder begin with; a model saved without a head has no such beginning. */
    private static Map<String, TensorSource> stripped(Map<String, TensorSource> tensors, String prefix) {
        Map<String, TensorSource> stripped = new HashMap<>();
        tensors.forEach((name, tensor) -> {
            String bare = name.startsWith(prefix) ? name.substring(prefix.length()) : name;
            if (stripped.put(bare, tensor) != null) {
                throw new ImportRefusedException("The tensor %s is there with and without %s.".formatted(bare, prefix));
            }
        });
        return stripped;
    }

    /** What was converted from TensorFlow calls the vectors of norms gamma and beta. */
    private static Map<String, TensorSource> modern(Map<String, TensorSource> tensors) {
        Map<String, TensorSource> modern = new HashMap<>();
        tensors.forEach((name, tensor) -> modern.put(
                name.replace("LayerNorm.gamma", "LayerNorm.weight").replace("LayerNorm.beta", "LayerNorm.bias"),
                tensor));
        return modern;
    }
}
