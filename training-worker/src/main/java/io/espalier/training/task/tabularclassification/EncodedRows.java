package io.espalier.training.task.tabularclassification;

import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.task.tabularclassification.TabularTransform;
import io.espalier.training.task.Examples;
import io.espalier.training.task.LabelIndex;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Rows of a table, transformed. A batch is numbers, category indices, class weights, labels. */
record EncodedRows(List<TabularTransform.Row> rows, int[] labels, float[] classWeights) implements Examples {
    static EncodedRows read(Path split, TabularTransform transform, LabelIndex index) {
        List<TabularTransform.Row> encoded = new ArrayList<>();
        List<Integer> labels = new ArrayList<>();
        try (var rows = SplitFile.rows(split)) {
            rows.forEach(row -> {
                encoded.add(transform.encode(row.input(), "row " + (encoded.size() + 1)));
                labels.add(index.of(row.label()));
            });
        }
        return new EncodedRows(
                List.copyOf(encoded),
                labels.stream().mapToInt(Integer::intValue).toArray(),
                new float[0]);
    }

    EncodedRows withClassWeights(float[] weights) {
        return new EncodedRows(rows, labels, weights);
    }

    @Override
    public int size() {
        return rows.size();
    }

    @Override
    public int length(int example) {
        return 1;
    }

    @Override
    public int label(int example) {
        return labels[example];
    }

    @Override
    public List<HostTensor> batch(int[] examples) {
        int numbers = rows.getFirst().numeric().length;
        int categories = rows.getFirst().categorical().length;
        float[] numeric = new float[examples.length * numbers];
        long[] categorical = new long[examples.length * categories];
        long[] truth = new long[examples.length];
        for (int i = 0; i < examples.length; i++) {
            TabularTransform.Row row = rows.get(examples[i]);
            System.arraycopy(row.numeric(), 0, numeric, i * numbers, numbers);
            System.arraycopy(row.categorical(), 0, categorical, i * categories, categories);
            truth[i] = labels[examples[i]];
        }
        return List.of(
                new HostTensor.Floats(numeric, examples.length, numbers),
                new HostTensor.Longs(categorical, examples.length, categories),
                new HostTensor.Floats(classWeights, classWeights.length),
                new HostTensor.Longs(truth, truth.length));
    }
}
