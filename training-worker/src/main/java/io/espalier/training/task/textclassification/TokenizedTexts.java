package io.espalier.training.task.textclassification;

import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.task.Examples;
import io.espalier.training.task.LabelIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts as token ids. A batch is {@code rows}, the different ids in it; {@code tokens}, where in {@code rows} each token's id
 * is; {@code mask}; class weights; labels.
 *
 * @param tokens of each text
 * @param labels of each text
 */
record TokenizedTexts(int[][] tokens, int[] labels, float[] classWeights) implements Examples {
    static TokenizedTexts read(Path split, TextTransform transform, LabelIndex index) {
        List<int[]> tokens = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        try (var rows = SplitFile.rows(split)) {
            rows.forEach(row -> {
                tokens.add(Arrays.stream(transform.encode(row.input().stringValue()))
                        .mapToInt(Math::toIntExact)
                        .toArray());
                labels.add(index.of(row.label()));
            });
        }
        return new TokenizedTexts(
                tokens.toArray(int[][]::new),
                labels.stream().mapToInt(Integer::intValue).toArray(),
                new float[0]);
    }

    TokenizedTexts withClassWeights(float[] weights) {
        return new TokenizedTexts(tokens, labels, weights);
    }

    @Override
    public int size() {
        return tokens.length;
    }

    @Override
    public int length(int example) {
        return tokens[example].length;
    }

    @Override
    public int label(int example) {
        return labels[example];
    }

    @Override
    public List<HostTensor> batch(int[] examples) {
        int longest = 0;
        for (int example : examples) {
            longest = Math.max(longest, tokens[example].length);
        }
        long[] indices = new long[examples.length * longest];
        float[] mask = new float[indices.length];
        long[] truth = new long[examples.length];
        Map<Integer, Integer> rowOf = new HashMap<>();
        for (int i = 0; i < examples.length; i++) {
            int[] text = tokens[examples[i]];
            for (int j = 0; j < text.length; j++) {
                Integer row = rowOf.putIfAbsent(text[j], rowOf.size());
                // Padding stays index 0, some other token: the mask hides it.
                indices[i * longest + j] = row == null ? rowOf.size() - 1 : row;
                mask[i * longest + j] = 1;
            }
            truth[i] = labels[examples[i]];
        }
        long[] rows = new long[rowOf.size()];
        rowOf.forEach((id, row) -> rows[row] = id);
        return List.of(
                new HostTensor.Longs(rows, rows.length),
                new HostTensor.Longs(indices, examples.length, longest),
                new HostTensor.Floats(mask, examples.length, longest),
                new HostTensor.Floats(classWeights, classWeights.length),
                new HostTensor.Longs(truth, truth.length));
    }
}
