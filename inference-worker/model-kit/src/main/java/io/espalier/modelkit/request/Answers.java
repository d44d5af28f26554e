package io.espalier.modelkit.request;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Scores in the shape of Hugging Face's text-classification pipeline: {@code [{"label": …, "score": …}, …]}, the highest
 * score first, equal ones in the order of the labels; a list of such lists for a list of inputs.
 */
public final class Answers {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Answers() {}

    /** @param scores one row an input of the request, in the order of the labels */
    public static byte[] toJson(PredictionRequest request, List<String> labels, List<float[]> scores) {
        var out = new ByteArrayOutputStream(64 + 48 * scores.size() * shown(labels.size(), request.topK()));
        try (JsonGenerator json = JSON.createGenerator(out)) {
            if (request.list()) {
                json.writeStartArray();
            }
            for (float[] row : scores) {
                write(json, labels, row, request.topK());
            }
            if (request.list()) {
                json.writeEndArray();
            }
        }
        return out.toByteArray();
    }

    /**
     * Writes the answer to one input.
     *
     * @param topK null for all
     */
    public static void write(JsonGenerator json, List<String> labels, float[] scores, @Nullable Integer topK) {
        int shown = shown(scores.length, topK);
        long[] order = descending(scores);
        json.writeStartArray();
        for (int i = 0; i < shown; i++) {
            int label = (int) order[i];
            json.writeStartObject();
            json.writeStringProperty("label", labels.get(label));
            json.writeNumberProperty("score", scores[label]);
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static int shown(int labels, @Nullable Integer topK) {
        return topK == null ? labels : Math.min(topK, labels);
    }

    /** Indices in the low halves, in descending order of score: bits of floats that are not negative sort as they do. */
    private static long[] descending(float[] scores) {
        long[] keys = new long[scores.length];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = ((long) (Integer.MAX_VALUE - Float.floatToIntBits(scores[i])) << 32) | i;
        }
        Arrays.sort(keys);
        return keys;
    }
}
