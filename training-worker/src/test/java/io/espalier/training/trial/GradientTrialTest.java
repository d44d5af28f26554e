package io.espalier.training.trial;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class GradientTrialTest {
    @Test
    void writesACheckpointOnceTheIntervalIsOverAndNotForWhatIsLessThanAnotherFromTheEnd() {
        assertThat(GradientTrial.isCheckpointDue(60, 60, 60)).isTrue();
        assertThat(GradientTrial.isCheckpointDue(59, 600, 60)).isFalse();
        assertThat(GradientTrial.isCheckpointDue(600, 59, 60)).isFalse();
    }
}
