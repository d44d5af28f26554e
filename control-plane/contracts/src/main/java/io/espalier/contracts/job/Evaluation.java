package io.espalier.contracts.job;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The serving bundle on the test split.
 *
 * @param metrics flat: {@code accuracy}, {@code macroPrecision}, {@code macroRecall}, {@code macroF1}, {@code rocAuc} …
 * @param classes one entry a label, in the order of the model's outputs
 * @param confusion rows are true labels, columns predicted ones; empty with more than {@value #MOST_CLASSES_CONFUSED} classes,
 *     whose squares would outgrow what a workflow's step can hand over, and where it was left out of a list
 * @param latencyMillis of one input alone on one thread of the machine that evaluated, from its JSON to its scores: the median;
 *     null of an evaluation before it was measured
 * @param predictionsKey object of JSON Lines, one a test row in order: the row and the answer served for it
 */
public record Evaluation(
        Map<String, Double> metrics,
        List<ClassMetrics> classes,
        List<List<Long>> confusion,
        long rows,
        @Nullable Double latencyMillis,
        String predictionsKey) {
    /** Forty thousand counts: a quarter of a megabyte at most of the two that Temporal takes. */
    public static final int MOST_CLASSES_CONFUSED = 200;

    public Evaluation {
        if (classes.size() > MOST_CLASSES_CONFUSED) {
            confusion = List.of();
        }
    }

    /** What is worth showing of many at once. */
    public Evaluation withoutConfusion() {
        return new Evaluation(metrics, classes, List.of(), rows, latencyMillis, predictionsKey);
    }

    public record ClassMetrics(String label, double precision, double recall, double f1, long support) {}
}
