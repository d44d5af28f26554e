package io.espalier.training.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.recommendation.Tastes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FitTrialIT {
    @TempDir
    Path folder;

    private TrainingFiles files;

    @BeforeEach
    void split() throws IOException {
        files = Tastes.write(folder, Map.of("split", "user"));
    }

    private TrialSpec spec(String work, @Nullable Path checkpoint) throws IOException {
        return new TrialSpec(
                Recommendation.NAME,
                List.of(),
                files.train(),
                files.validation(),
                null,
                Map.of("factors", 8),
                Accelerator.CPU,
                2,
                1,
                null,
                checkpoint,
                Files.createDirectories(folder.resolve(work)),
                60);
    }

    private static <T extends TrialEvent> List<T> events(List<TrialEvent> events, Class<T> kind) {
        return events.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Test
    void goesOnAfterAKillToTheSameWeights() throws Exception {
        List<TrialEvent> undisturbed = new ArrayList<>();
        try (TrialProcess trial = TrialProcess.start(spec("undisturbed", null), 256)) {
            assertThat(trial.follow(undisturbed::add)).isZero();
        }
        List<Path> checkpoints = new ArrayList<>();
        try (TrialProcess trial = TrialProcess.start(spec("killed", null), 256)) {
            int status = trial.follow(event -> {
                if (event instanceof TrialEvent.Checkpointed checkpoint && checkpoint.step() <= 4) {
                    checkpoints.add(checkpoint.folder());
                    if (checkpoint.step() == 4) {
                        ProcessHandle.of(trial.pid()).orElseThrow().destroyForcibly();
                    }
                }
            });
            assertThat(status).isNotZero();
        }

        List<TrialEvent> resumed = new ArrayList<>();
        try (TrialProcess trial = TrialProcess.start(spec("resumed", checkpoints.getLast()), 256)) {
            assertThat(trial.follow(resumed::add)).isZero();
        }

        TrialEvent.Finished first =
                events(undisturbed, TrialEvent.Finished.class).getFirst();
        TrialEvent.Finished second = events(resumed, TrialEvent.Finished.class).getFirst();
        assertThat(second.weightsSha256()).isEqualTo(first.weightsSha256());
        assertThat(second.hyperparameters()).isEqualTo(first.hyperparameters());
        assertThat(second.validationMetric())
                .isEqualTo(first.validationMetric())
                .isPositive();
        assertThat(events(resumed, TrialEvent.Progressed.class).getFirst().epoch())
                .isEqualTo(5);
        assertThat(TrainedFiles.description(folder.resolve("resumed").resolve(TrialSpec.MODEL))
                        .validationMetrics())
                .containsEntry("ndcgAt10", second.validationMetric());
    }

    @Test
    void saysWhatItTriesAndHowLongTheRestTakes() throws Exception {
        List<TrialEvent> events = new ArrayList<>();
        try (TrialProcess trial = TrialProcess.start(spec("told", null), 256)) {
            assertThat(trial.follow(events::add)).isZero();
        }

        List<TrialEvent.Progressed> progress = events(events, TrialEvent.Progressed.class);
        int stages = progress.getFirst().epochs();
        assertThat(stages).isGreaterThan(10);
        assertThat(progress).allSatisfy(event -> {
            assertThat(event.epochs()).isEqualTo(stages);
            assertThat(event.secondsRemaining()).isNotNegative();
            assertThat(event.loss()).isNull();
        });
        assertThat(progress)
                .extracting(TrialEvent.Progressed::message)
                .contains("Trying popularity (1 of %d)".formatted(stages));
        assertThat(progress.getLast().message())
                .startsWith("Fitting ")
                .endsWith(" to all interactions (%1$d of %1$d)".formatted(stages));
        assertThat(events(events, TrialEvent.Checkpointed.class)).hasSize(stages);
    }
}
