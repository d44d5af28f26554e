package io.espalier.training.export;

import io.espalier.modelkit.onnx.OnnxModel;
import java.util.List;

/** Runs exported graphs, and compares what they say. */
final class Scores {
    private Scores() {}

    /** @return logits, a row a text; shorter texts padded */
    static float[][] of(OnnxModel model, List<long[]> batch) {
        int length = batch.stream().mapToInt(tokens -> tokens.length).max().orElseThrow();
        try (var feed = new OnnxModel.Feed()) {
            var ids = feed.longs(BertClassifier.INPUT_IDS, batch.size(), length);
            var mask = feed.longs(BertClassifier.ATTENTION_MASK, batch.size(), length);
            for (int row = 0; row < batch.size(); row++) {
                for (int i = 0; i < batch.get(row).length; i++) {
                    ids.put(row * length + i, batch.get(row)[i]);
                    mask.put(row * length + i, 1);
                }
            }
            return model.run(feed, BertClassifier.LOGITS);
        }
    }

    static float[][] alone(OnnxModel model, List<long[]> texts) {
        return texts.stream().map(tokens -> of(model, List.of(tokens))[0]).toArray(float[][]::new);
    }

    static double largestDifference(float[][] one, float[][] other) {
        double largest = 0;
        for (int row = 0; row < one.length; row++) {
            for (int i = 0; i < one[row].length; i++) {
                largest = Math.max(largest, Math.abs(one[row][i] - other[row][i]));
            }
        }
        return largest;
    }

    static double cosine(float[] one, float[] other) {
        double product = 0;
        double left = 0;
        double right = 0;
        for (int i = 0; i < one.length; i++) {
            product += one[i] * (double) other[i];
            left += one[i] * (double) one[i];
            right += other[i] * (double) other[i];
        }
        return product / Math.sqrt(left * right);
    }
}
