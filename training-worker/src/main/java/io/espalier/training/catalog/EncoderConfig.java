package io.espalier.training.catalog;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code config.json} of a BERT encoder, in Hugging Face's names.
 *
 * @param pooling how the hidden states of a text become one vector: {@code mean} over its tokens, or {@code cls}, the first
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record EncoderConfig(
        @JsonProperty("model_type") String modelType,
        @JsonProperty("hidden_act") String hiddenAct,
        @JsonProperty("hidden_size") int hiddenSize,
        @JsonProperty("num_hidden_layers") int layers,
        @JsonProperty("num_attention_heads") int heads,
        @JsonProperty("intermediate_size") int intermediateSize,
        @JsonProperty("vocab_size") int vocabSize,
        @JsonProperty("max_position_embeddings") int maxPositions,
        @JsonProperty("type_vocab_size") int tokenTypes,
        @JsonProperty("layer_norm_eps") double layerNormEpsilon,
        @JsonProperty("pooling") Pooling pooling) {
    public static final String FILE = "config.json";

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    /** How the hidden states of a text become one vector. */
    public enum Pooling {
        @JsonProperty("mean")
        MEAN,
        @JsonProperty("cls")
        CLS
    }

    public EncoderConfig {
        if (!"bert".equals(modelType) || !"gelu".equals(hiddenAct)) {
            throw new IllegalArgumentException(
                    "Only BERT encoders with GELU are known, not %s with %s.".formatted(modelType, hiddenAct));
        }
        if (heads < 1 || hiddenSize % heads != 0) {
            throw new IllegalArgumentException("%d heads do not divide %d.".formatted(heads, hiddenSize));
        }
    }

    public static EncoderConfig read(Path file) {
        return JSON.readValue(file, EncoderConfig.class);
    }

    /** From the same members, already parsed. */
    public static EncoderConfig of(Map<String, Object> members) {
        return JSON.convertValue(members, EncoderConfig.class);
    }

    public void write(Path file) {
        JSON.writeValue(file, this);
    }

    public int headSize() {
        return hiddenSize / heads;
    }
}
