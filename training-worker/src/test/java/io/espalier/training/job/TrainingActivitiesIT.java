package io.espalier.training.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.job.TrainingActivities;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.training.catalog.BaseModels;
import io.espalier.training.fixture.Bars;
import io.espalier.training.fixture.ObjectStoreFixture;
import io.espalier.training.task.TrainedFiles;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Trainings of the real base model in processes of their own, some of which are killed. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TrainingActivitiesIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final List<String> LABELS = List.of("delivery", "refund");
    private static final Map<String, Object> RECIPE = Map.of(
            "epochs", 2, "batchSize", 4, "maxLength", 16, "precision", "fp32", "seed", 5, "earlyStoppingPatience", 0);

    private final Queue<JsonNode> reports = new ConcurrentLinkedQueue<>();
    private ObjectStoreFixture server;
    private ObjectStore store;
    private HttpServer controlPlane;
    private ProgressReports progress;
    private TestActivityEnvironment temporal;
    private TrainingActivities activities;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        server = new ObjectStoreFixture(Files.createDirectory(folder.resolve("store")));
        store = server.store();
        BaseModels.ensurePublished(store);
        controlPlane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        controlPlane.createContext("/internal/jobs/", exchange -> {
            reports.add(JSON.readTree(exchange.getRequestBody()));
            exchange.sendResponseHeaders(204, -1);
            exchange.close();
        });
        controlPlane.start();
        progress = new ProgressReports(
                URI.create("http://127.0.0.1:" + controlPlane.getAddress().getPort()), "credential");
        temporal = TestActivityEnvironment.newInstance();
        temporal.registerActivitiesImplementations(new TrainingActivitiesImpl(
                store, folder.resolve("work"), progress, new TrainingActivitiesImpl.Resources(1, 512, 0.3)));
        activities = temporal.newActivityStub(TrainingActivities.class);
    }

    @AfterAll
    void stop() throws Exception {
        temporal.close();
        progress.close();
        controlPlane.stop(0);
        server.close();
    }

    private static TrainingJobSpec pictureJob(Map<String, Object> hyperparameters) {
        TrainingJobSpec text = job(hyperparameters);
        return new TrainingJobSpec(
                text.ref(),
                text.product(),
                "image-classification",
                text.datasetVersion(),
                text.datasetContentHash(),
                text.parts(),
                text.mapping(),
                null,
                null,
                hyperparameters,
                text.accelerator());
    }

    private PreparedData pictures(TrainingJobSpec spec) throws IOException {
        Map<Split, String> keys = new HashMap<>();
        Path file = Files.createTempFile("bars-", ".jsonl");
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION)) {
            boolean train = split == Split.TRAIN;
            String key = ObjectKeys.split(spec.ref(), split);
            store.upload(key, Bars.split(file, train ? 0 : 200, train ? 200 : 20));
            keys.put(split, key);
        }
        Files.delete(file);
        return new PreparedData(keys, Map.of(), Bars.LABELS);
    }

    /** Running statistics of norms and everything random about pictures go on as well. */
    @Test
    void goesOnWithPicturesToTheSameWeights() throws Exception {
        Map<String, Object> recipe = Map.of(
                "epochs",
                12,
                "batchSize",
                8,
                "width",
                8,
                "imageSize",
                32,
                "precision",
                "fp32",
                "cutmix",
                1,
                "rotation",
                10);
        TrainingJobSpec undisturbed = pictureJob(recipe);
        TrainingJobSpec disturbed = pictureJob(recipe);
        TrainedModel expected = activities.train(undisturbed, pictures(undisturbed));

        PreparedData data = pictures(disturbed);
        TrainedModel resumed = trainThroughAKill(disturbed, data);

        assertThat(resumed.attempt()).isEqualTo(2);
        assertThat(resumed.weightsSha256()).isEqualTo(expected.weightsSha256());
    }

    /** Kills the trial of a first attempt after a checkpoint. @return what the second attempt made */
    private TrainedModel trainThroughAKill(TrainingJobSpec job, PreparedData data) {
        // Not in the common pool, which the object store's client needs.
        var first = CompletableFuture.supplyAsync(
                () -> activities.train(job, data), task -> Thread.ofPlatform().start(task));
        killTrialAfterACheckpoint(job.ref(), first);
        assertThatThrownBy(first::join).hasRootCauseInstanceOf(ApplicationFailure.class);
        return activities.train(job, data);
    }

    private static TrainingJobSpec job(Map<String, Object> hyperparameters) {
        return new TrainingJobSpec(
                new JobRef(UUID.randomUUID(), UUID.randomUUID()),
                UUID.randomUUID(),
                "text-classification",
                UUID.randomUUID(),
                "c0ffee",
                List.of(),
                new ColumnMapping(Map.of(), null),
                "all-MiniLM-L6-v2",
                ObjectKeys.platformBaseModel("all-MiniLM-L6-v2"),
                hyperparameters,
                Accelerator.CPU);
    }

    private PreparedData data(TrainingJobSpec spec) {
        Map<Split, String> keys = new HashMap<>();
        keys.put(Split.TRAIN, rows(spec, Split.TRAIN, 100));
        keys.put(Split.VALIDATION, rows(spec, Split.VALIDATION, 24));
        return new PreparedData(keys, Map.of(), LABELS);
    }

    private String rows(TrainingJobSpec spec, Split split, int count) {
        Random random = new Random(split.ordinal());
        StringBuilder rows = new StringBuilder();
        for (int i = 0; i < count; i++) {
            boolean refund = random.nextBoolean();
            String text = (refund ? "I want my money back for order " : "When does my parcel arrive, order ") + i;
            rows.append(JSON.writeValueAsString(Map.of("input", text, "label", LABELS.get(refund ? 1 : 0))))
                    .append('\n');
        }
        String key = ObjectKeys.split(spec.ref(), split);
        store.put(key, rows.toString().getBytes(StandardCharsets.UTF_8));
        return key;
    }

    @Test
    void goesOnFromTheCheckpointOfAKilledAttemptToTheSameWeights() {
        TrainingJobSpec undisturbed = job(RECIPE);
        TrainingJobSpec disturbed = job(RECIPE);
        TrainedModel expected = activities.train(undisturbed, data(undisturbed));

        PreparedData data = data(disturbed);
        TrainedModel resumed = trainThroughAKill(disturbed, data);

        assertThat(resumed.weightsSha256()).isEqualTo(expected.weightsSha256());
        assertThat(resumed.attempt()).isEqualTo(2);
        assertThat(resumed.epochs()).isEqualTo(2);
        assertThat(resumed.bestEpoch()).isEqualTo(expected.bestEpoch());
        assertThat(resumed.validationMetric()).isEqualTo(expected.validationMetric());
        assertThat(resumed.prefix()).isEqualTo(ObjectKeys.trainingAttempt(disturbed.ref(), 2) + "model/");
        assertThat(store.list(resumed.prefix()))
                .contains(resumed.prefix() + TrainedFiles.WEIGHTS, resumed.prefix() + "tokenizer.json");
        assertThat(resumed.hyperparameters()).containsEntry("batchSize", 4).containsEntry("seed", 5);
        assertThat(reports)
                .anySatisfy(report -> {
                    assertThat(report.path("epoch").asInt()).isEqualTo(2);
                    assertThat(report.path("epochs").asInt()).isEqualTo(2);
                    assertThat(report.path("steps").asInt()).isEqualTo(50);
                    assertThat(report.at("/metrics/accuracy").asDouble()).isBetween(0.0, 1.0);
                })
                .anySatisfy(report -> assertThat(report.path("attempt").asInt()).isEqualTo(2));
    }

    /** The newest complete checkpoint, whoever wrote it, is what the next attempt starts from. */
    private void killTrialAfterACheckpoint(JobRef job, CompletableFuture<TrainedModel> training) {
        String attempts = ObjectKeys.jobScratch(job) + "attempts/";
        while (store.list(attempts).stream().noneMatch(key -> key.endsWith("/complete"))) {
            assertThat(training).isNotDone();
            LockSupport.parkNanos(20_000_000);
        }
        List<ProcessHandle> trials = ProcessHandle.current()
                .descendants()
                .filter(process -> process.info().commandLine().orElse("").contains("trial.args"))
                .toList();
        assertThat(trials).hasSize(1);
        trials.getFirst().destroyForcibly();
    }

    @Test
    void saysThatATrainingDivergedAndThatTryingAgainIsOfNoUse() {
        Map<String, Object> wild = new HashMap<>(RECIPE);
        wild.put("learningRate", 1e18);
        wild.put("maxGradientNorm", 1e18);
        TrainingJobSpec spec = job(wild);

        assertThatThrownBy(() -> activities.train(spec, data(spec)))
                .isInstanceOf(ActivityFailure.class)
                .cause()
                .isInstanceOfSatisfying(ApplicationFailure.class, failure -> {
                    assertThat(failure.isNonRetryable()).isTrue();
                    assertThat(failure.getType()).isEqualTo(FailureTypes.TRAINING_IMPOSSIBLE);
                    assertThat(failure.getOriginalMessage()).contains("learning rate");
                });
    }

    @Test
    void takesWhatTheFirstAttemptRecordedAndNotWhatItWouldChooseItself() {
        TrainingJobSpec spec = job(Map.of("epochs", 1, "batchSize", 8, "maxLength", 16));
        store.put(
                ObjectKeys.jobScratch(spec.ref()) + "settings.json",
                "{\"precision\":\"BF16\",\"threads\":2,\"seed\":77}".getBytes(StandardCharsets.UTF_8));

        TrainedModel model = activities.train(spec, data(spec));

        assertThat(model.precision()).isEqualTo("bf16");
        assertThat(model.threads()).isEqualTo(2);
        assertThat(model.seed()).isEqualTo(77);
    }
}
