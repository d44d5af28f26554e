package io.espalier.standalone.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff();

    @Test
    void doublesUpToTenSeconds() {
        Stream<Long> delays = Stream.generate(
                        () -> backoff.afterRunning(Duration.ofSeconds(1)).toMillis())
                .limit(8);

        assertThat(delays).containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L, 10_000L, 10_000L);
    }

    @Test
    void beginsAnewAfterAMinuteOfLife() {
        backoff.afterRunning(Duration.ZERO);
        backoff.afterRunning(Duration.ZERO);

        assertThat(backoff.afterRunning(Duration.ofMinutes(1))).isEqualTo(Duration.ofMillis(200));
        assertThat(backoff.afterRunning(Duration.ofSeconds(59))).isEqualTo(Duration.ofMillis(400));
    }
}
