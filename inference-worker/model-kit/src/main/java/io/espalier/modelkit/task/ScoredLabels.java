package io.espalier.modelkit.task;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Scores of labels, in the shape of Hugging Face's text-classification pipeline: {@code [{"label": …, "score": …}, …]}, the
 * highest score first, equal ones in the order of the labels.
 *
 * @param scores in the order of the labels; they sum to 1
 * @param topK how many to write, the best first; null for all. More than there are is all
 */
public record ScoredLabels(
        List<String> labels, float[] scores, @Nullable Integer topK) implements Answer {
    @Override
    public void write(JsonGenerator json) {
        int shown = topK == null ? scores.length : Math.min(topK, scores.length);
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
