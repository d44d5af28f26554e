package io.espalier.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LoopStateTest {
    private static final double TOLERANCE = 0.01;

    private LoopState state = LoopState.START;

    private int bestAfter(double metric, double logLoss) {
        state = state.validated(metric, logLoss, TOLERANCE);
        return state.best().epoch();
    }

    @Test
    void takesTheEpochWithTheBestMetric() {
        assertThat(bestAfter(0.8, 0.5)).isEqualTo(1);
        assertThat(bestAfter(0.9, 0.6)).isEqualTo(2);
        assertThat(bestAfter(0.7, 0.1)).isEqualTo(2);
        assertThat(state.epochsSinceBest()).isEqualTo(1);
    }

    @Test
    void letsTheLossDecideBetweenMetricsThatAreAsGoodAsEqual() {
        assertThat(bestAfter(1.0, 0.6)).isEqualTo(1);
        assertThat(bestAfter(0.995, 0.2)).isEqualTo(2);
        assertThat(bestAfter(0.997, 0.3)).isEqualTo(2);
    }

    @Test
    void doesNotGoDownInSmallSteps() {
        assertThat(bestAfter(1.0, 0.6)).isEqualTo(1);
        assertThat(bestAfter(0.992, 0.5)).isEqualTo(2);
        assertThat(bestAfter(0.984, 0.4)).isEqualTo(2);
    }
}
