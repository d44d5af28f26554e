package io.espalier.training.trial;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TrialTest {
    @Test
    void writesACheckpointOnceTheIntervalIsOverAndNotForWhatIsLessThanAnotherFromTheEnd() {
        assertThat(Trial.isCheckpointDue(60, 60, 60)).isTrue();
        assertThat(Trial.isCheckpointDue(59, 600, 60)).isFalse();
        assertThat(Trial.isCheckpointDue(600, 59, 60)).isFalse();
    }
}
