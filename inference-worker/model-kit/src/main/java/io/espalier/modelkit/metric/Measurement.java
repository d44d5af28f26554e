package io.espalier.modelkit.metric;

import io.espalier.contracts.job.Evaluation;
import io.espalier.contracts.job.Evaluation.ClassMetrics;
import java.util.List;
import java.util.Map;

/**
 * What a bundle achieves on a split.
 *
 * @param metrics flat; the task's primary metric among them where it is defined
 * @param classes one entry a label, in the labels' order; empty for tasks without
 * @param confusion rows are true labels, columns predicted ones; empty for tasks without
 */
public record Measurement(
        Map<String, Double> metrics, List<ClassMetrics> classes, List<List<Long>> confusion, long rows) {
    /** @param predictionsKey where the answers were written to */
    public Evaluation toEvaluation(double latencyMillis, String predictionsKey) {
        return new Evaluation(metrics, classes, confusion, rows, latencyMillis, predictionsKey);
    }
}
