package io.espalier.modelkit.metric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RankingMetricsTest {
    private static final List<Double> NOVELTIES = Collections.nCopies(10, 2.0);

    private static List<String> items(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    /** Hits at ranks 2 and 5 of three that are right: (1/log2(3) + 1/log2(6)) / (1 + 1/log2(3) + 1/log2(4)). */
    @Test
    void countsAHitByItsRank() {
        RankingMetrics metrics = new RankingMetrics(40);

        metrics.add(items(0, 10), Set.of("1", "4", "99"), NOVELTIES, Double.NaN);

        Map<String, Double> found = metrics.metrics("");
        double gain = Math.log(2) / Math.log(3) + Math.log(2) / Math.log(6);
        double ideal = 1 + Math.log(2) / Math.log(3) + 0.5;
        assertThat(found.get("ndcgAt10")).isEqualTo(gain / ideal, within(1e-12));
        assertThat(found.get("recallAt10")).isEqualTo(2 / 3.0, within(1e-12));
        assertThat(found.get("precisionAt10")).isEqualTo(.2, within(1e-12));
        assertThat(found.get("mrrAt10")).isEqualTo(.5);
        assertThat(found.get("hitRateAt10")).isEqualTo(1);
        assertThat(found.get("coverageAt10")).isEqualTo(.25);
        assertThat(found.get("noveltyAt10")).isEqualTo(2);
    }

    @Test
    void isPerfectWhereAllThatCouldBeShownIsRight() {
        RankingMetrics metrics = new RankingMetrics(40);

        metrics.add(items(0, 20), Set.copyOf(items(0, 30)), NOVELTIES, Double.NaN);

        assertThat(metrics.metrics("").get("ndcgAt10")).isEqualTo(1, within(1e-12));
        assertThat(metrics.metrics("").get("precisionAt10")).isEqualTo(1);
        assertThat(metrics.metrics("").get("coverageAt10")).isEqualTo(.25);
    }

    @Test
    void averagesOverUsersAndNamesTheGroup() {
        RankingMetrics metrics = new RankingMetrics(20);

        metrics.add(items(0, 10), Set.of("0"), NOVELTIES, Double.NaN);
        metrics.add(items(10, 20), Set.of("0"), NOVELTIES, Double.NaN);

        assertThat(metrics.metrics("NewUsers"))
                .containsEntry("ndcgAt10NewUsers", .5)
                .containsEntry("mrrAt10NewUsers", .5)
                .containsEntry("coverageAt10NewUsers", 1.0);
    }

    @Test
    void hasNothingToSayOfWhatWasNotShown() {
        RankingMetrics metrics = new RankingMetrics(20);

        metrics.add(List.of(), Set.of("0"), List.of(), Double.NaN);

        assertThat(metrics.metrics("")).containsEntry("ndcgAt10", 0.0).containsEntry("noveltyAt10", 0.0);
    }
}
