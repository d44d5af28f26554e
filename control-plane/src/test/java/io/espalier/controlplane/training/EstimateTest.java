package io.espalier.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.task.textclassification.TextClassification;
import io.espalier.controlplane.dataset.TrainableVersion;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EstimateTest {
    private final TrainableVersion version = new TrainableVersion(
            new DatasetVersionRef(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID()),
            1,
            TextClassification.NAME,
            "hash",
            List.of(),
            ColumnMapping.GUESS,
            Map.of(Split.TRAIN, 600L, Split.VALIDATION, 100L, Split.TEST, 200L));

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

        assertThat(estimate).isEqualTo(new Estimate(900, 30 + 600 * 3 / 60.0, 60, Estimate.Basis.DEFAULT));
    }
}
