package io.espalier.training.task.tabularclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.artifact.ModelManifest.Lineage;
import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.TaskKits;
import io.espalier.training.fixture.Tables;
import io.espalier.training.loop.LoopListener;
import io.espalier.training.loop.LoopState;
import io.espalier.training.loop.TrainingLoop;
import io.espalier.training.program.Network;
import io.espalier.training.task.Precision;
import io.espalier.training.task.TaskExporter.Export;
import io.espalier.training.task.Trainable;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.TrainingTask;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From a split to the answers of a predictor, for tables of every kind of column. */
class TabularBundleIT {
    private static final LoopListener DEAF = new LoopListener() {
        @Override
        public void stepped(LoopState state, double loss) {}

        @Override
        public void validated(LoopState state, Map<String, Double> metrics, boolean best) {}
    };

    @TempDir
    Path folder;

    private final TrainingTask task = new TabularClassificationTask();

    static Stream<List<String>> columns() {
        return Stream.of(Tables.NUMBERS, Tables.CATEGORIES, Tables.MIXED);
    }

    @ParameterizedTest
    @MethodSource("columns")
    void answersAsTheTrainedNetworkDoes(List<String> columns) throws Exception {
        TrainingFiles files = Tables.write(folder, columns);
        Path model = Files.createDirectory(folder.resolve("model"));
        Path bundle = Files.createDirectory(folder.resolve("bundle"));

        float[][] logits = train(files, model);
        Export export = task.exporter().export(model, files.train(), "fp32", bundle);

        List<float[]> scores = predict(files, bundle, export);
        assertThat(scores).hasSameSizeAs(logits);
        for (int row = 0; row < logits.length; row++) {
            // Scores are a softmax: their ratio is what the logits differ by.
            float[] score = scores.get(row);
            assertThat(Math.log(score[1] / (double) score[0]))
                    .isCloseTo(logits[row][1] - (double) logits[row][0], within(1e-4));
        }
        assertThat(scores.stream().map(score -> score[1]).distinct().count()).isGreaterThan(5);
    }

    /** @return of the validation split */
    private float[][] train(TrainingFiles files, Path model) throws Exception {
        Trainable trainable = task.prepare(
                files, new Hyperparameters(Map.of("epochs", 5, "hiddenUnits", 8, "earlyStoppingPatience", 0)), 1);
        try (Network network = Network.load(trainable.program(Precision.FP32), trainable.parameters(), Device.cpu())) {
            new TrainingLoop(trainable, network, TabularClassification.DESCRIPTOR, files.labels(), 1, DEAF)
                    .run(LoopState.START);
            Safetensors.write(model.resolve(TrainedFiles.WEIGHTS), network.weights(), Map.of());
            trainable.writeTransform(model);
            TrainedFiles.write(
                    model,
                    new TrainedFiles.Description(
                            task.name(),
                            files.labels(),
                            trainable.hyperparameters().values(),
                            trainable.architecture()));
            var validation = trainable.validation();
            return network.logits(
                    validation.batch(IntStream.range(0, validation.size()).toArray()));
        }
    }

    private List<float[]> predict(TrainingFiles files, Path bundle, Export export) throws Exception {
        try (Predictor predictor = TaskKits.get(task.name()).open(bundle, manifest(files, export), 1);
                var rows = SplitFile.rows(files.validation())) {
            return predictor.predict(
                    rows.map(row -> predictor.prepare(row.input(), "row")).toList());
        }
    }

    private ModelManifest manifest(TrainingFiles files, Export export) {
        UUID id = UUID.randomUUID();
        return new ModelManifest(
                ModelManifest.FORMAT_VERSION,
                task.name(),
                "fp32",
                files.labels(),
                Map.of(),
                export.transform(),
                export.inputs(),
                export.outputs(),
                Map.of(),
                new Lineage(id, id, id, id, "hash", null, "hash", Map.of(), 1, "fp32", 1, "test"));
    }
}
