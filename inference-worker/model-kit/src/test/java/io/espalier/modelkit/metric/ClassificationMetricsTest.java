package io.espalier.modelkit.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.job.Evaluation.ClassMetrics;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ClassificationMetricsTest {
    private static final Offset<Double> EXACT = within(1e-7);

    @Test
    void agreesWithTheExampleOfScikitLearnForTheBinaryRocAuc() {
        // sklearn.metrics.roc_auc_score(y, scores): y = [0, 0, 1, 1], scores = [.1, .4, .35, .8] gives .75.
        var metrics = binary(new int[] {0, 0, 1, 1}, .1f, .4f, .35f, .8f);

        assertThat(metrics.metrics().get("rocAuc")).isEqualTo(.75, EXACT);
    }

    @Test
    void countsTiedScoresAsHalfRight() {
        // Pairs: (.5 against .5) half, (.5 against .2) one, (.9 against .5) one, (.9 against .2) one: 3.5 of 4.
        var metrics = binary(new int[] {0, 0, 1, 1}, .5f, .2f, .5f, .9f);

        assertThat(metrics.metrics().get("rocAuc")).isEqualTo(.875, EXACT);
    }

    @Test
    void givesHalfForScoresThatSayNothing() {
        assertThat(binary(new int[] {0, 1, 0, 1, 1}, .5f, .5f, .5f, .5f, .5f)
                        .metrics()
                        .get("rocAuc"))
                .isEqualTo(.5, EXACT);
    }

    @Test
    void leavesTheRocAucOutWhereOnlyOneLabelOccurs() {
        assertThat(binary(new int[] {1, 1}, .2f, .8f).metrics()).doesNotContainKey("rocAuc");
    }

    @Test
    void agreesWithTheExampleOfScikitLearnForPrecisionRecallAndF1() {
        // sklearn.metrics.classification_report's example: y_true = [0, 1, 2, 2, 2], y_pred = [0, 0, 2, 2, 1].
        var metrics = ClassificationMetrics.of(
                List.of("class 0", "class 1", "class 2"),
                new int[] {0, 1, 2, 2, 2},
                new float[][] {oneHot(0), oneHot(0), oneHot(2), oneHot(2), oneHot(1)});

        assertThat(metrics.classes().get(0)).isEqualTo(new ClassMetrics("class 0", .5, 1, 2 / 3.0, 1));
        assertThat(metrics.classes().get(1)).isEqualTo(new ClassMetrics("class 1", 0, 0, 0, 1));
        assertThat(metrics.classes().get(2)).isEqualTo(new ClassMetrics("class 2", 1, 2 / 3.0, .8, 3));
        assertThat(metrics.metrics().get("accuracy")).isEqualTo(.6, EXACT);
        assertThat(metrics.metrics().get("macroPrecision")).isEqualTo(.5, EXACT);
        assertThat(metrics.metrics().get("macroRecall")).isEqualTo((1 + 2 / 3.0) / 3, EXACT);
        assertThat(metrics.metrics().get("macroF1")).isEqualTo((2 / 3.0 + .8) / 3, EXACT);
    }

    @Test
    void writesTrueLabelsAsRowsAndPredictedOnesAsColumns() {
        // sklearn.metrics.confusion_matrix's example: y_true = [2, 0, 2, 2, 0, 1], y_pred = [0, 0, 2, 2, 0, 2].
        var metrics = ClassificationMetrics.of(List.of("0", "1", "2"), new int[] {2, 0, 2, 2, 0, 1}, new float[][] {
            oneHot(0), oneHot(0), oneHot(2), oneHot(2), oneHot(0), oneHot(2)
        });

        assertThat(metrics.confusion()).containsExactly(List.of(2L, 0L, 0L), List.of(0L, 0L, 1L), List.of(1L, 0L, 2L));
    }

    @Test
    void averagesEachLabelAgainstTheRestAndSkipsLabelsWithoutRows() {
        // Label a: scores .7 | .2 .3 -> 1. Label b: .5 | .2 .4 -> 1. Label c: .3 | .1 .3 -> 1.5 of 2. d has no rows.
        var metrics = ClassificationMetrics.of(List.of("a", "b", "c", "d"), new int[] {0, 1, 2}, new float[][] {
            {.7f, .2f, .1f, 0}, {.2f, .5f, .3f, 0}, {.3f, .4f, .3f, 0}
        });

        assertThat(metrics.metrics().get("rocAuc")).isEqualTo((1 + 1 + .75) / 3, EXACT);
    }

    @Test
    void leavesLabelsThatNeverOccurOutOfMacroAverages() {
        var metrics = ClassificationMetrics.of(
                List.of("a", "b", "never"), new int[] {0, 1}, new float[][] {oneHot(0), oneHot(1)});

        assertThat(metrics.metrics().get("macroF1")).isEqualTo(1, EXACT);
        assertThat(metrics.classes()).hasSize(3);
    }

    @Test
    void agreesWithTheExampleOfScikitLearnForTheLogLoss() {
        // sklearn.metrics.log_loss(["spam", "ham", "ham", "spam"], [[.1, .9], [.9, .1], [.8, .2], [.35, .65]]) gives
        // .21616.
        var metrics = ClassificationMetrics.of(List.of("ham", "spam"), new int[] {1, 0, 0, 1}, new float[][] {
            {.1f, .9f}, {.9f, .1f}, {.8f, .2f}, {.35f, .65f}
        });

        assertThat(metrics.metrics().get("logLoss")).isEqualTo(.21616, within(1e-5));
    }

    @Test
    void keepsTheLogLossFiniteWhenTheTruthGotNoProbability() {
        assertThat(binary(new int[] {1, 0}, 0f, 0f).metrics().get("logLoss")).isFinite();
    }

    private static Measurement binary(int[] truth, float... positive) {
        float[][] scores = new float[positive.length][];
        for (int row = 0; row < scores.length; row++) {
            scores[row] = new float[] {1 - positive[row], positive[row]};
        }
        return ClassificationMetrics.of(List.of("no", "yes"), truth, scores);
    }

    private static float[] oneHot(int label) {
        float[] scores = new float[3];
        scores[label] = 1;
        return scores;
    }
}
