package io.espalier.training.task.tabularclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.modelkit.task.Predictor;
import io.espalier.training.fixture.Tables;
import io.espalier.training.fixture.TrainedBundle;
import io.espalier.training.task.TrainingFiles;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From a split to the answers of a predictor, for tables of every kind of column. */
class TabularBundleIT {
    @TempDir
    Path folder;

    static Stream<List<String>> columns() {
        return Stream.of(Tables.NUMBERS, Tables.CATEGORIES, Tables.MIXED);
    }

    @ParameterizedTest
    @MethodSource("columns")
    void answersAsTheTrainedNetworkDoes(List<String> columns) throws Exception {
        TrainingFiles files = Tables.write(folder, columns);
        TrainedBundle trained = TrainedBundle.train(
                new TabularClassificationTask(),
                files,
                Map.of("epochs", 5, "hiddenUnits", 8, "earlyStoppingPatience", 0),
                folder);
        float[][] logits = trained.logits();

        List<float[]> scores;
        try (Predictor predictor = trained.open("fp32")) {
            scores = TrainedBundle.scores(predictor, trained.validation(predictor));
        }

        assertThat(scores).hasSameSizeAs(logits);
        for (int row = 0; row < logits.length; row++) {
            // Scores are a softmax: their ratio is what the logits differ by.
            float[] score = scores.get(row);
            assertThat(Math.log(score[1] / (double) score[0]))
                    .isCloseTo(logits[row][1] - (double) logits[row][0], within(1e-4));
        }
        assertThat(scores.stream().map(score -> score[1]).distinct().count()).isGreaterThan(5);
    }
}
