package io.espalier.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.contracts.job.TrainingJobSpec;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TrainingJobTest {
    private static final Instant START = Instant.parse("2026-02-03T10:00:00Z");

    private final TrainingJob job = new TrainingJob(
            new TrainingJobSpec(
                    new JobRef(UUID.randomUUID(), UUID.randomUUID()),
                    UUID.randomUUID(),
                    "text-classification",
                    UUID.randomUUID(),
                    "hash",
                    List.of(),
                    ColumnMapping.GUESS,
                    null,
                    null,
                    Map.of(),
                    Accelerator.CPU),
            null,
            START);

    @Test
    void beginsPending() {
        assertThat(job.state()).isEqualTo(JobState.PENDING);
        assertThat(job.stateTimes()).isEqualTo(Map.of(JobState.PENDING, START));
        assertThat(job.endedAt()).isNull();
    }

    @Test
    void keepsTheTimeOfEveryStateItEntered() {
        assertThat(job.enter(JobState.PREPARING, START.plusSeconds(1))).isTrue();
        assertThat(job.enter(JobState.QUEUED, START.plusSeconds(2))).isTrue();

        assertThat(job.stateTimes())
                .isEqualTo(Map.of(
                        JobState.PENDING, START,
                        JobState.PREPARING, START.plusSeconds(1),
                        JobState.QUEUED, START.plusSeconds(2)));
        assertThat(job.queuedAt()).isEqualTo(START.plusSeconds(2));
    }

    @Test
    void staysWhereItIsWhenARepeatedStepEntersAnEarlierState() {
        job.enter(JobState.TRAINING, START.plusSeconds(1));

        assertThat(job.enter(JobState.PREPARING, START.plusSeconds(2))).isFalse();
        assertThat(job.enter(JobState.TRAINING, START.plusSeconds(2))).isFalse();

        assertThat(job.state()).isEqualTo(JobState.TRAINING);
        assertThat(job.stateTimes().get(JobState.TRAINING)).isEqualTo(START.plusSeconds(1));
    }

    @Test
    void succeedsOnlyOutOfRegistering() {
        job.enter(JobState.EVALUATING, START);

        assertThat(job.enter(JobState.SUCCEEDED, START)).isFalse();

        job.enter(JobState.REGISTERING, START);
        assertThat(job.enter(JobState.SUCCEEDED, START.plusSeconds(9))).isTrue();
        assertThat(job.endedAt()).isEqualTo(START.plusSeconds(9));
    }

    @ParameterizedTest
    @EnumSource(
            value = JobState.class,
            names = {"FAILED", "CANCELLED"})
    void endsOnceAndForAll(JobState last) {
        assertThat(job.end(last, "because", START.plusSeconds(1))).isTrue();

        assertThat(job.end(JobState.FAILED, "another reason", START.plusSeconds(2)))
                .isFalse();
        assertThat(job.enter(JobState.REGISTERING, START.plusSeconds(2))).isFalse();
        assertThat(job.state()).isEqualTo(last);
        assertThat(job.reason()).isEqualTo("because");
        assertThat(job.endedAt()).isEqualTo(START.plusSeconds(1));
    }

    @Nested
    class Progress {
        private static ProgressReport report(JobState state, int attempt) {
            return ProgressReport.message(state, attempt, "…");
        }

        @Test
        void isTakenFromTheNewestAttempt() {
            job.enter(JobState.TRAINING, START);
            job.progressed(report(JobState.TRAINING, 2));

            assertThat(job.accepts(report(JobState.TRAINING, 2))).isTrue();
            assertThat(job.accepts(report(JobState.TRAINING, 3))).isTrue();
        }

        @Test
        void isNotTakenFromAnAttemptThatWasGivenUp() {
            job.enter(JobState.TRAINING, START);
            job.progressed(report(JobState.TRAINING, 2));

            assertThat(job.accepts(report(JobState.TRAINING, 1))).isFalse();
        }

        @Test
        void countsAttemptsAnewInAnotherState() {
            job.enter(JobState.TRAINING, START);
            job.progressed(report(JobState.TRAINING, 4));
            job.enter(JobState.EXPORTING, START);

            assertThat(job.accepts(report(JobState.EXPORTING, 1))).isTrue();
            assertThat(job.accepts(report(JobState.TRAINING, 5))).isFalse();
        }

        @Test
        void isNotTakenOnceTheJobHasEnded() {
            job.end(JobState.CANCELLED, "because", START);

            assertThat(job.accepts(report(JobState.TRAINING, 1))).isFalse();
        }

        @Test
        void cannotEndAJob() {
            assertThat(job.accepts(report(JobState.SUCCEEDED, 1))).isFalse();
        }
    }
}
