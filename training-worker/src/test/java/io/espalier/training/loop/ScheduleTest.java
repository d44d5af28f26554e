package io.espalier.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static double[] factors(long steps, double warmupRatio) {
        Schedule schedule = new Schedule(steps, warmupRatio);
        return LongStream.rangeClosed(1, steps).mapToDouble(schedule::factor).toArray();
    }

    @Test
    void risesOverTheWarmUpAndFallsToZeroAfterTheLastStep() {
        assertThat(factors(6, 0.34)).containsExactly(0.5, 1, 1, 0.75, 0.5, 0.25);
        assertThat(new Schedule(6, 0.34).factor(7)).isZero();
    }

    @Test
    void startsAtThePeakWithoutWarmUp() {
        assertThat(factors(4, 0)).containsExactly(1, 0.75, 0.5, 0.25);
        assertThat(factors(1, 0.5)).containsExactly(1);
    }
}
