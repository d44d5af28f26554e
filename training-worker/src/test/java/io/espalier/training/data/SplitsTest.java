package io.espalier.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.training.data.Splits.Quota;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SplitsTest {
    @Test
    void tenPercentOfEveryLabelGoToEachSplit() {
        assertThat(Splits.quotas(Map.of("a", 1000L, "b", 50L), true, true))
                .isEqualTo(Map.of("a", new Quota(100, 100), "b", new Quota(5, 5)));
    }

    @Test
    void everyLabelWithThreeInputsStandsInAllSplits() {
        assertThat(Splits.quotas(Map.of("a", 3L), true, true)).isEqualTo(Map.of("a", new Quota(1, 1)));
    }

    @Test
    void oneInputTrainsAndOfTwoTheSecondTests() {
        assertThat(Splits.quotas(Map.of("a", 1L, "b", 2L), true, true))
                .isEqualTo(Map.of("a", new Quota(0, 0), "b", new Quota(1, 0)));
    }

    @Test
    void onlyWhatIsMissingIsCarved() {
        assertThat(Splits.quotas(Map.of("a", 100L), false, true)).isEqualTo(Map.of("a", new Quota(0, 10)));
        assertThat(Splits.quotas(Map.of("a", 100L), true, false)).isEqualTo(Map.of("a", new Quota(10, 0)));
        assertThat(Splits.quotas(Map.of("a", 100L), false, false)).isEqualTo(Map.of("a", new Quota(0, 0)));
    }

    @Test
    void largeDataHoldBackNoMoreThanAnEvaluationNeeds() {
        assertThat(Splits.quotas(Map.of("a", 1_000_000L, "b", 1_000_000L), true, true))
                .isEqualTo(Map.of("a", new Quota(10_000, 2_500), "b", new Quota(10_000, 2_500)));
    }
}
