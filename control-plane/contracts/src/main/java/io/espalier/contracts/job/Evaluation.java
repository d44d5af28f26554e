package io.espalier.contracts.job;

import java.util.List;
import java.util.Map;

/**
 * The serving bundle on the test split.
 *
 * @param metrics flat: {@code accuracy}, {@code macroPrecision}, {@code macroRecall}, {@code macroF1}, {@code rocAuc} …
 * @param classes one entry a label, in the order of the model's outputs
 * @param confusion rows are true labels, columns predicted ones
 * @param predictionsKey object of JSON Lines, one a test row in order: the row and the answer served for it
 */
public record Evaluation(
        Map<String, Double> metrics,
        List<ClassMetrics> classes,
        List<List<Long>> confusion,
        long rows,
        String predictionsKey) {
    public record ClassMetrics(String label, double precision, double recall, double f1, long support) {}
}
