package io.espalier.modelkit.metric;

import io.espalier.contracts.job.Evaluation.ClassMetrics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Everything that is said about a classifier's answers: {@code accuracy}, {@code macroPrecision}, {@code macroRecall},
 * {@code macroF1}, {@code logLoss}, and {@code rocAuc} where at least one label has both positives and negatives.
 */
public final class ClassificationMetrics {
    /** What a probability counts as at least, so that one confident mistake does not make the mean infinite. */
    private static final double SMALLEST_PROBABILITY = 1e-15;

    private ClassificationMetrics() {}

    /**
     * Measures. The predicted label is the one with the highest score, the first of equal ones. Macro averages go over the
     * labels that occur, as true or as predicted one.
     *
     * @param truth index of the true label, one a row
     * @param scores one row of probabilities a row, in the order of the labels
     */
    public static Measurement of(List<String> labels, int[] truth, float[][] scores) {
        if (truth.length == 0 || truth.length != scores.length) {
            throw new IllegalArgumentException("There must be as many scores as truths, and one at least: %d and %d"
                    .formatted(scores.length, truth.length));
        }
        int count = labels.size();
        long[][] confusion = new long[count][count];
        double logLoss = 0;
        long correct = 0;
        for (int row = 0; row < truth.length; row++) {
            int predicted = argmax(scores[row]);
            confusion[truth[row]][predicted]++;
            correct += predicted == truth[row] ? 1 : 0;
            logLoss -= Math.log(Math.max(scores[row][truth[row]], SMALLEST_PROBABILITY));
        }
        List<ClassMetrics> classes = new ArrayList<>(count);
        double precision = 0;
        double recall = 0;
        double f1 = 0;
        int occurring = 0;
        for (int label = 0; label < count; label++) {
            long support = Arrays.stream(confusion[label]).sum();
            long predicted = 0;
            for (long[] row : confusion) {
                predicted += row[label];
            }
            ClassMetrics one = classMetrics(labels.get(label), confusion[label][label], predicted, support);
            classes.add(one);
            if (support + predicted > 0) {
                occurring++;
                precision += one.precision();
                recall += one.recall();
                f1 += one.f1();
            }
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", (double) correct / truth.length);
        metrics.put("macroPrecision", precision / occurring);
        metrics.put("macroRecall", recall / occurring);
        metrics.put("macroF1", f1 / occurring);
        double auc = rocAuc(truth, scores, count);
        if (!Double.isNaN(auc)) {
            metrics.put("rocAuc", auc);
        }
        metrics.put("logLoss", logLoss / truth.length);
        return new Measurement(
                metrics,
                List.copyOf(classes),
                Arrays.stream(confusion)
                        .map(row -> Arrays.stream(row).boxed().toList())
                        .toList(),
                truth.length);
    }

    /** @return the index of the highest score, the first of equal ones */
    public static int argmax(float[] scores) {
        int best = 0;
        for (int i = 1; i < scores.length; i++) {
            if (scores[i] > scores[best]) {
                best = i;
            }
        }
        return best;
    }

    private static ClassMetrics classMetrics(String label, long correct, long predicted, long support) {
        double precision = predicted == 0 ? 0 : (double) correct / predicted;
        double recall = support == 0 ? 0 : (double) correct / support;
        double f1 = support + predicted == 0 ? 0 : 2.0 * correct / (support + predicted);
        return new ClassMetrics(label, precision, recall, f1, support);
    }

    /**
     * Of two labels: the area for the second one. Of more: the mean of each against the rest, over the labels that have both
     * positives and negatives; NaN where none has.
     */
    private static double rocAuc(int[] truth, float[][] scores, int labels) {
        double sum = 0;
        int counted = 0;
        for (int label = labels == 2 ? 1 : 0; label < labels; label++) {
            double auc = rocAucOf(label, truth, scores);
            if (!Double.isNaN(auc)) {
                sum += auc;
                counted++;
            }
        }
        return counted == 0 ? Double.NaN : sum / counted;
    }

    /** The Mann-Whitney statistic; equal scores share the mean of their ranks. */
    private static double rocAucOf(int label, int[] truth, float[][] scores) {
        int rows = truth.length;
        // One long a row: the score in an order-preserving form above, whether it is a positive below. Sorting
        // primitives
        // keeps a million rows by a hundred labels in seconds. Scores are not negative, so their bits sort as they do.
        long[] keyed = new long[rows];
        long positives = 0;
        for (int row = 0; row < rows; row++) {
            boolean positive = truth[row] == label;
            positives += positive ? 1 : 0;
            keyed[row] = ((long) Float.floatToIntBits(scores[row][label]) << 1) | (positive ? 1 : 0);
        }
        long negatives = rows - positives;
        if (positives == 0 || negatives == 0) {
            return Double.NaN;
        }
        Arrays.sort(keyed);
        double rankSum = 0;
        for (int start = 0; start < rows; ) {
            int end = start;
            long positivesHere = 0;
            while (end < rows && keyed[end] >> 1 == keyed[start] >> 1) {
                positivesHere += keyed[end] & 1;
                end++;
            }
            // Ranks count from 1: those from start + 1 to end have this mean.
            rankSum += positivesHere * (start + 1 + end) / 2.0;
            start = end;
        }
        return (rankSum - positives * (positives + 1) / 2.0) / ((double) positives * negatives);
    }
}
