package io.espalier.modelkit.task;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.metric.ClassificationMetrics;
import io.espalier.modelkit.metric.Measurement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares {@link ScoredLabels} with the rows' labels. Holds the scores of all rows. */
public final class ClassificationScorer implements Scorer {
    private final List<String> labels;
    private final Map<String, Integer> indices = new HashMap<>();
    private final List<Integer> truth = new ArrayList<>();
    private final List<float[]> scores = new ArrayList<>();

    /** @param labels of the model, in the order of its outputs */
    public ClassificationScorer(List<String> labels) {
        this.labels = labels;
        labels.forEach(label -> indices.put(label, indices.size()));
    }

    @Override
    public void add(SplitRow row, Answer answer) {
        Integer index = indices.get(row.label());
        if (index == null) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET,
                    "Row %d of the split has the label %s, which the model does not know."
                            .formatted(truth.size() + 1, row.label()));
        }
        truth.add(index);
        scores.add(((ScoredLabels) answer).scores());
    }

    @Override
    public Measurement measure() {
        return ClassificationMetrics.of(
                labels, truth.stream().mapToInt(Integer::intValue).toArray(), scores.toArray(float[][]::new));
    }
}
