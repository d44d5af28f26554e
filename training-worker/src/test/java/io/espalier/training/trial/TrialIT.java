package io.espalier.training.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.modelkit.metric.ClassificationMetrics;
import io.espalier.modelkit.onnx.Softmax;
import io.espalier.training.fixture.Tables;
import io.espalier.training.program.Network;
import io.espalier.training.task.Examples;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.tabularclassification.TabularClassificationTask;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialIT {
    /** The specification is a pipe that nobody writes to, so the trial waits; a killed parent closes its ends of pipes. */
    @Test
    void endsByItselfWhenItsParentIsGone(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("trial.json");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Process trial = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Trial.class.getName(),
                        pipe.toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(trial.waitFor(2, TimeUnit.SECONDS)).isFalse();

            trial.getOutputStream().close();

            assertThat(trial.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(trial.exitValue()).isEqualTo(3);
        } finally {
            trial.destroyForcibly();
        }
    }

    @Nested
    class OnATable {
        @TempDir
        Path folder;

        private final List<TrialEvent> events = new ArrayList<>();

        private void train(TrainingFiles files, Map<String, Object> hyperparameters) throws Exception {
            TrialSpec spec = new TrialSpec(
                    TabularClassification.NAME,
                    files.labels(),
                    files.train(),
                    files.validation(),
                    null,
                    hyperparameters,
                    Accelerator.CPU,
                    1,
                    1,
                    null,
                    null,
                    folder,
                    60);
            try (TrialProcess trial = TrialProcess.start(spec, 256)) {
                assertThat(trial.follow(events::add)).isZero();
            }
        }

        private <T extends TrialEvent> List<T> events(Class<T> kind) {
            return events.stream().filter(kind::isInstance).map(kind::cast).toList();
        }

        @Test
        void keepsTheWeightsOfTheBestEpochAndNotOfTheLast() throws Exception {
            TrainingFiles files = Tables.contradicting(folder);
            Map<String, Object> hyperparameters = Map.of(
                    "epochs", 6, "batchSize", 16, "learningRate", 0.02, "dropout", 0.0, "earlyStoppingPatience", 0);

            train(files, hyperparameters);

            TrialEvent.Finished end = events(TrialEvent.Finished.class).getFirst();
            List<Double> metrics = events(TrialEvent.Progressed.class).stream()
                    .filter(progress -> progress.metrics() != null)
                    .map(progress -> progress.metrics().get("rocAuc"))
                    .toList();
            assertThat(metrics).hasSize(6);
            assertThat(end.bestEpoch()).isLessThan(6);
            assertThat(metrics.getLast()).isLessThan(end.validationMetric());
            assertThat(metrics.get(end.bestEpoch() - 1)).isEqualTo(end.validationMetric());
            assertThat(rocAucOfTheModel(files, hyperparameters)).isCloseTo(end.validationMetric(), within(1e-9));
        }

        private double rocAucOfTheModel(TrainingFiles files, Map<String, Object> hyperparameters) throws Exception {
            Trainable trainable =
                    new TabularClassificationTask().prepare(files, new Hyperparameters(hyperparameters), 1);
            Map<String, Tensor> saved =
                    Safetensors.read(folder.resolve(TrialSpec.MODEL).resolve(TrainedFiles.WEIGHTS));
            List<Parameter> parameters = trainable.parameters().stream()
                    .map(initial -> new Parameter(initial.name(), initial.group(), saved.get(initial.name())))
                    .toList();
            try (Network network = Network.load(trainable.program(Precision.FP32), parameters, Device.cpu())) {
                Examples rows = trainable.validation();
                int[] all = IntStream.range(0, rows.size()).toArray();
                float[][] scores = network.logits(rows.batch(all));
                for (float[] row : scores) {
                    Softmax.apply(row);
                }
                int[] truth = IntStream.of(all).map(rows::label).toArray();
                return ClassificationMetrics.of(files.labels(), truth, scores)
                        .metrics()
                        .get("rocAuc");
            }
        }
    }
}
