package io.espalier.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.contracts.task.textclassification.TextClassification;
import io.espalier.controlplane.dataset.TrainableVersion;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EstimateTest {
    private final TrainableVersion version = withClasses(2);

    private static TrainableVersion withClasses(int classes) {
        return new TrainableVersion(
                new DatasetVersionRef(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID()),
                1,
                TextClassification.NAME,
                "hash",
                List.of(),
                ColumnMapping.GUESS,
                "report.json",
                Map.of(Split.TRAIN, 600L, Split.VALIDATION, 100L, Split.TEST, 200L),
                classes);
    }

    private static TrainedModel trainedAt(double samplesPerSecond) {
        return new TrainedModel("p/", "w", Map.of(), "fp32", 2, 1, 1, 3, 3, .9, samplesPerSecond, 10);
    }

    @Test
    void takesTheMedianOfPastJobs() {
        var past = List.of(trainedAt(1), trainedAt(100), trainedAt(5000));

        var estimate = Estimate.of(TextClassification.DESCRIPTOR, version, Map.of("epochs", 5), past);

        assertThat(estimate).isEqualTo(new Estimate(900, 30 + 600 * 5 / 100.0, 100, Estimate.Basis.PAST_JOBS));
    }

    @Test
    void guessesWhereThereAreNone() {
        var estimate = Estimate.of(TextClassification.DESCRIPTOR, version, Map.of(), List.of());

        assertThat(estimate).isEqualTo(new Estimate(900, 30 + 600 * 10 / 60.0, 60, Estimate.Basis.DEFAULT));
    }

    @Test
    void countsTheEpochsThatATrainingTakesByDefault() {
        var manyClasses = Estimate.of(TextClassification.DESCRIPTOR, withClasses(50), Map.of(), List.of());
        var table = Estimate.of(TabularClassification.DESCRIPTOR, version, Map.of(), List.of(trainedAt(1000)));

        assertThat(manyClasses.seconds()).isEqualTo(30 + 600 * 20 / 60.0);
        assertThat(table.seconds()).isEqualTo(30 + 600 * 100 / 1000.0);
    }
}
