package io.espalier.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.contracts.job.TrainingOutcome;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Servers;
import io.espalier.controlplane.fixture.Story;
import io.espalier.controlplane.platform.TenantContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ControlPlaneTest
@Timeout(90)
class TrainingJobIT {
    @AutoClose
    private static final FakeWorker worker = new FakeWorker();

    @LocalServerPort
    private int port;

    @Autowired
    private TrainingJobs jobs;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private Caller caller;
    private Story story;
    private String product;
    private String version;

    @BeforeEach
    void prepareData() {
        worker.findsData(true).holdTrainings(false);
        caller = Caller.ofNewTenant(port);
        story = new Story(caller);
        product = story.product();
        version = story.readyVersion();
    }

    private JobRef ref(String jobPath) {
        return new JobRef(caller.tenant(), UUID.fromString(jobPath.substring(jobPath.lastIndexOf('/') + 1)));
    }

    @Test
    void makesAModelVersion() {
        String job = story.job(product, version);

        var done = caller.awaitState(job, "SUCCEEDED");

        assertThat(done.body().path("modelVersion").asInt()).isEqualTo(1);
        assertThat(done.body().path("timestamps").propertyNames())
                .containsExactlyInAnyOrder(
                        "PENDING", "PREPARING", "QUEUED", "EXPORTING", "EVALUATING", "REGISTERING", "SUCCEEDED");
        assertThat(done.body().at("/evaluation/metrics/accuracy").asDouble()).isEqualTo(.9);
        assertThat(done.body().at("/evaluation/confusion").size()).isEqualTo(2);
        assertThat(done.body().at("/gate/chosen/precision").asString()).isEqualTo("int8");
        assertThat(done.body().at("/rows/TRAIN").asInt()).isEqualTo(6);
        assertThat(done.string("reason")).isEqualTo("int8 loses nothing against fp32.");
        String versions = "/api/products/" + product + "/versions";
        var made = caller.get(versions + "/1").expect(200);
        assertThat(made.string("precision")).isEqualTo("int8");
        assertThat(made.body().at("/lineage/datasetVersion").asString()).isEqualTo(version);
        assertThat(made.body().at("/lineage/weightsSha256").asString()).isEqualTo("beef");
        assertThat(caller.get(versions).body().path("items").size()).isEqualTo(1);
        var bundle = caller.get(versions + "/1/bundle").expect(200);
        assertThat(bundle.text()).isEqualTo("a bundle");
        assertThat(bundle.headers().get("content-disposition"))
                .startsWith("attachment")
                .contains("-v1.zip");
        eventually(() -> objects(ObjectKeys.jobScratch(ref(job))).isEmpty()
                && objects(ObjectKeys.job(ref(job)) + "splits/").isEmpty()
                && objects(ObjectKeys.bundles(ref(job)))
                        .equals(List.of(ObjectKeys.bundle(ref(job), "int8", FakeWorker.SHA256)))
                && objects(ObjectKeys.trainedModels(ref(job)))
                        .equals(List.of(ObjectKeys.trainedModel(ref(job), "beef") + "model.safetensors")));
    }

    @Test
    void deletesAModelVersionWithItsBundleAndNeverGivesItsNumberAgain() {
        String job = story.job(product, version);
        caller.awaitState(job, "SUCCEEDED");

        caller.delete("/api/products/" + product + "/versions/1").expect(204);

        caller.get("/api/products/" + product + "/versions/1").expect(404);
        eventually(() -> objects(ObjectKeys.bundles(ref(job))).isEmpty()
                && objects(ObjectKeys.trainedModels(ref(job))).isEmpty());
        var next = caller.awaitState(story.job(product, version), "SUCCEEDED");
        assertThat(next.body().path("modelVersion").asInt()).isEqualTo(2);
    }

    @Test
    void namesEverythingThatIsWrongWithAWish() {
        var answer = caller.post(
                        "/api/products/" + product + "/training-jobs",
                        Map.of(
                                "datasetVersion",
                                UUID.randomUUID(),
                                "hyperparameters",
                                Map.of("epochs", 1000, "colour", "red")))
                .expect(422);

        List<String> fields = new ArrayList<>();
        answer.body()
                .path("errors")
                .forEach(error -> fields.add(error.path("field").asString()));
        assertThat(fields)
                .containsExactlyInAnyOrder("datasetVersion", "hyperparameters.epochs", "hyperparameters.colour");
        assertThat(caller.get("/api/training-jobs").body().path("items").size()).isZero();
    }

    @Test
    void doesNotTrainOnAVersionThatIsNotReady() {
        String uploading = caller.get(story.uploadedVersion(story.dataset())).string("id");

        var answer = caller.post("/api/products/" + product + "/training-jobs", Map.of("datasetVersion", uploading))
                .expect(422);

        assertThat(answer.body().at("/errors/0/message").asString()).contains("UPLOADING");
    }

    @Test
    void estimatesFromPastJobs() {
        String path = "/api/products/" + product + "/training-jobs/estimate";
        Map<String, Object> wish = Map.of("datasetVersion", version, "hyperparameters", Map.of("epochs", 4));
        assertThat(caller.post(path, wish).expect(200).string("basis")).isEqualTo("DEFAULT");

        caller.awaitState(story.job(product, version), "SUCCEEDED");
        var estimate = caller.post(path, wish).expect(200);

        assertThat(estimate.string("basis")).isEqualTo("PAST_JOBS");
        assertThat(estimate.body().path("rows").asInt()).isEqualTo(9);
        assertThat(estimate.body().path("seconds").asDouble()).isEqualTo(30.2);
    }

    @Test
    void cancelsATrainingAndCleansUpBehindIt() {
        worker.holdTrainings(true);
        String job = story.job(product, version);
        eventually(() -> worker.trains(ref(job)));

        caller.post(job + "/cancel").expect(202);
        var again = caller.post(job + "/cancel");
        var cancelled = caller.awaitState(job, "CANCELLED");

        assertThat(again.status()).isIn(202, 409);
        assertThat(cancelled.string("reason")).isEqualTo("Cancelled while training.");
        assertThat(cancelled.body().path("cancelRequested").asBoolean()).isTrue();
        assertThat(worker.trains(ref(job))).isFalse();
        caller.post(job + "/cancel").expect(409);
        eventually(() -> objects(ObjectKeys.job(ref(job))).isEmpty());
    }

    @Test
    void triesACancelledJobAgainWithTheSameInput() {
        worker.holdTrainings(true);
        String job = story.job(product, version);
        caller.post(job + "/retry").expect(409);
        caller.post(job + "/cancel").expect(202);
        var cancelled = caller.awaitState(job, "CANCELLED");
        worker.holdTrainings(false);

        var retried = caller.post(job + "/retry").expect(201);

        assertThat(retried.string("retryOf")).isEqualTo(cancelled.string("id"));
        assertThat(retried.body().path("hyperparameters"))
                .isEqualTo(cancelled.body().path("hyperparameters"));
        String path = "/api/training-jobs/" + retried.string("id");
        caller.awaitState(path, "SUCCEEDED");
        caller.post(path + "/retry").expect(409);
    }

    @Test
    void triesAJobOfAnOlderReleaseAgainWithTheMappingThatItsVersionHas() {
        worker.holdTrainings(true);
        String visits =
                caller.get(story.readyVersion(story.dataset("recommendation"))).string("id");
        String job = "/api/training-jobs/"
                + caller.post(
                                "/api/products/" + story.product("recommendation") + "/training-jobs",
                                Map.of("datasetVersion", visits))
                        .expect(201)
                        .string("id");
        caller.post(job + "/cancel").expect(202);
        caller.awaitState(job, "CANCELLED");
        // Before the task had this role, which no column has.
        int older = TenantContext.call(
                caller.tenant(),
                () -> transaction.execute(status -> jdbc.sql(
                                "update training_job set spec = spec #- '{mapping,columnsByRole,value}' where id = ?")
                        .params(ref(job).job())
                        .update()));
        assertThat(older).isEqualTo(1);
        worker.holdTrainings(false);

        var retried = caller.post(job + "/retry").expect(201);

        String path = "/api/training-jobs/" + retried.string("id");
        caller.awaitState(path, "SUCCEEDED");
        assertThat(worker.spec(ref(path)).mapping().columnsByRole()).containsEntry("value", List.of());
    }

    @Test
    void protectsDataAndProductOfARunningJob() {
        worker.holdTrainings(true);
        String job = story.job(product, version);
        String dataset = caller.get("/api/datasets").body().at("/items/0/id").asString();
        String versionPath = "/api/datasets/" + dataset + "/versions/" + version;

        caller.delete(versionPath).expect(409);
        caller.delete("/api/datasets/" + dataset).expect(409);
        caller.delete("/api/products/" + product).expect(409);
        caller.put(versionPath + "/mapping", Map.of()).expect(409);

        worker.holdTrainings(false);
        caller.awaitState(job, "SUCCEEDED");
        caller.put(versionPath + "/mapping", Map.of()).expect(409);
        caller.delete("/api/datasets/" + dataset).expect(204);
        assertThat(caller.get(job).string("datasetVersion")).isEqualTo(version);
        caller.delete("/api/products/" + product).expect(204);
        caller.get(job).expect(404);
        eventually(() -> objects(ObjectKeys.tenant(caller.tenant())).isEmpty());
    }

    @Test
    void keepsTheProductOfAJobThatIsMadeWhileItIsDeleted() {
        String done = story.job(product, version);
        caller.awaitState(done, "SUCCEEDED");
        UUID made = UUID.randomUUID();
        CompletableFuture<Caller.Answer> deletion = new CompletableFuture<>();

        TenantContext.run(
                caller.tenant(),
                () -> transaction.executeWithoutResult(status -> {
                    jdbc.sql("""
                                    insert into training_job
                                    select (jsonb_populate_record(job, jsonb_build_object('id', :id, 'state', 'TRAINING'))).*
                                    from training_job job where id = :done""")
                            .param("id", made)
                            .param("done", ref(done).job())
                            .update();
                    deletion.completeAsync(() -> caller.delete("/api/products/" + product));
                    // Time for a deletion that does not wait to make up its mind.
                    assertThat(deletion.copy().orTimeout(1, TimeUnit.SECONDS)).failsWithin(Duration.ofSeconds(5));
                }));

        deletion.join().expect(409);
        caller.get("/api/training-jobs/" + made).expect(200);
        caller.get(done).expect(200);
        jobs.end(new JobRef(caller.tenant(), made), JobState.FAILED, "Never was.");
    }

    @Test
    void recordsProgressOfTheNewestAttemptOnly() {
        worker.holdTrainings(true);
        String job = story.job(product, version);
        eventually(() -> worker.trains(ref(job)));
        assertThat(caller.get(job).body().path("queuePosition").asInt()).isPositive();
        String id = caller.get(job).string("id");

        caller.report(caller.tenant(), id, epoch(2, 1)).expect(204);
        caller.report(caller.tenant(), id, epoch(1, 9)).expect(204);

        var training = caller.get(job);
        assertThat(training.string("state")).isEqualTo("TRAINING");
        assertThat(training.body().path("queuePosition").asInt()).isZero();
        assertThat(training.body().at("/progress/epoch").asInt()).isEqualTo(1);
        worker.holdTrainings(false);
        caller.awaitState(job, "SUCCEEDED");
        caller.report(caller.tenant(), id, epoch(3, 2)).expect(204);
        assertThat(caller.get(job).body().at("/progress/epoch").asInt()).isEqualTo(1);
    }

    private static ProgressReport epoch(int attempt, int epoch) {
        return new ProgressReport(
                JobState.TRAINING, attempt, "Epoch", epoch, 2, 4L, 8L, .5, 100.0, 3.0, Map.of("accuracy", .8));
    }

    @Test
    void replaysEventsFromAnyIdAndEndsWithTheJob() throws IOException {
        worker.holdTrainings(true);
        String job = story.job(product, version);
        eventually(() -> worker.trains(ref(job)));
        String id = caller.get(job).string("id");
        UUID tenant = caller.tenant();
        caller.report(tenant, id, ProgressReport.message(JobState.TRAINING, 1, "Starting"))
                .expect(204);
        caller.report(tenant, id, epoch(1, 1)).expect(204);

        List<String> live;
        try (var stream = caller.stream(job + "/events", "")) {
            worker.holdTrainings(false);
            live = events(stream);
        }

        assertThat(live)
                .containsExactly(
                        "1 state PENDING",
                        "2 state PREPARING",
                        "3 state QUEUED",
                        "4 state TRAINING",
                        "5 progress TRAINING",
                        "6 progress TRAINING",
                        "7 state EXPORTING",
                        "8 state EVALUATING",
                        "9 state REGISTERING",
                        "10 state SUCCEEDED");
        // The progress between epochs went with the end of the job.
        assertThat(events(caller.stream(job + "/events", "3")))
                .containsExactly(
                        "4 state TRAINING",
                        "6 progress TRAINING",
                        "7 state EXPORTING",
                        "8 state EVALUATING",
                        "9 state REGISTERING",
                        "10 state SUCCEEDED");
        assertThat(events(caller.stream(job + "/events", "10"))).isEmpty();
    }

    private static List<String> events(java.io.InputStream stream) throws IOException {
        List<String> events = new ArrayList<>();
        try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            String id = "";
            String type = "";
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring(4);
                } else if (line.startsWith("event: ")) {
                    type = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    var data = tools.jackson.databind.json.JsonMapper.shared().readTree(line.substring(6));
                    assertThat(data.path("at").asString()).isNotEmpty();
                    events.add(id + " " + type + " " + data.path("state").asString());
                }
            }
        }
        return events;
    }

    @Test
    void submitsAgainWhatTemporalForgot() {
        worker.holdTrainings(true);
        String job = story.job(product, version);
        eventually(() -> worker.trains(ref(job)));

        Servers.running().restartTemporal();
        worker.holdTrainings(false);

        var done = caller.awaitState(job, "SUCCEEDED");
        assertThat(done.body().path("modelVersion").asInt()).isEqualTo(1);
        assertThat(caller.get("/api/products/" + product + "/versions")
                        .body()
                        .path("items")
                        .size())
                .isEqualTo(1);
    }

    @Test
    void registersOneModelVersionHoweverOftenItIsAsked() {
        String job = story.job(product, version);
        caller.awaitState(job, "SUCCEEDED");
        JobRef ref = ref(job);
        UUID made = UUID.fromString(
                caller.get("/api/products/" + product + "/versions/1").string("id"));

        UUID again = TenantContext.call(ref.tenant(), () -> jobs.register(ref, outcome(ref)));

        assertThat(again).isEqualTo(made);
        assertThat(caller.get(job).string("state")).isEqualTo("SUCCEEDED");
    }

    private static TrainingOutcome outcome(JobRef ref) {
        DataActivities activities = worker;
        var spec = new io.espalier.contracts.job.TrainingJobSpec(
                ref,
                UUID.randomUUID(),
                "text-classification",
                UUID.randomUUID(),
                "hash",
                List.of(),
                io.espalier.contracts.dataset.ColumnMapping.GUESS,
                null,
                null,
                Map.of(),
                io.espalier.contracts.job.Accelerator.CPU);
        var data = activities.prepare(spec);
        var trained = new io.espalier.contracts.job.TrainedModel("p/", "w", Map.of(), "fp32", 1, 1, 1, 1, 1, 1, 1, 1);
        var gate = activities.gate(spec, data, activities.export(spec, data, trained));
        return new TrainingOutcome(data, trained, gate, activities.evaluate(spec, data, gate));
    }

    @Test
    void readsAJobThatAnEarlierReleaseStoredMoreOf() {
        String job = story.job(product, version);
        caller.awaitState(job, "SUCCEEDED");
        String stored = """
                update training_job set prepared = prepared || '{"bygone": {"seconds": 5}}',
                    spec = spec || '{"bygone": 1}', trained = trained || '{"bygone": []}'""";
        String lineage = "update model_version set lineage = lineage || '{\"bygone\": 1}'";
        TenantContext.run(
                caller.tenant(),
                () -> transaction.executeWithoutResult(status -> assertThat(
                                jdbc.sql(stored).update() + jdbc.sql(lineage).update())
                        .isEqualTo(2)));

        assertThat(caller.get(job).expect(200).body().at("/rows/TRAIN").asInt()).isEqualTo(6);
        caller.get("/api/training-jobs").expect(200);
        caller.get("/api/products/" + product + "/versions/1").expect(200);
        caller.post("/api/products/" + product + "/training-jobs/estimate", Map.of("datasetVersion", version))
                .expect(200);
        caller.delete("/api/products/" + product).expect(204);
    }

    @Test
    void filtersJobsByProductAndState() {
        caller.awaitState(story.job(product, version), "SUCCEEDED");
        String other = story.product();
        caller.awaitState(story.job(other, version), "SUCCEEDED");

        var all = caller.get("/api/training-jobs").body().path("items");
        assertThat(all.size()).isEqualTo(2);
        // It grows with the square of the classes.
        assertThat(all.at("/0/evaluation/confusion").isEmpty()).isTrue();
        assertThat(all.at("/0/evaluation/metrics/accuracy").asDouble()).isEqualTo(.9);
        assertThat(caller.get("/api/training-jobs?product=" + other)
                        .body()
                        .path("items")
                        .size())
                .isEqualTo(1);
        assertThat(caller.get("/api/training-jobs?state=FAILED&state=CANCELLED")
                        .body()
                        .path("items")
                        .size())
                .isZero();
        caller.get("/api/training-jobs?state=SLEEPING").expect(422);
    }

    @Test
    void showsNothingToAnotherTenant() {
        String job = story.job(product, version);
        caller.awaitState(job, "SUCCEEDED");
        Caller stranger = Caller.ofNewTenant(port);
        String strangersProduct = new Story(stranger).product();
        String versions = "/api/products/" + product + "/versions";

        for (String path : List.of(job, job + "/events", versions, versions + "/1", versions + "/1/bundle")) {
            stranger.get(path).expect(404);
        }
        stranger.post(job + "/cancel").expect(404);
        stranger.post(job + "/retry").expect(404);
        stranger.delete(versions + "/1").expect(404);
        stranger.post("/api/products/" + product + "/training-jobs", Map.of("datasetVersion", version))
                .expect(404);
        var foreignData = stranger.post(
                        "/api/products/" + strangersProduct + "/training-jobs", Map.of("datasetVersion", version))
                .expect(422);
        assertThat(foreignData.body().at("/errors/0/message").asString()).isEqualTo("does not exist");
        assertThat(stranger.get("/api/training-jobs").body().path("items").size())
                .isZero();
        stranger.report(stranger.tenant(), job.substring(job.lastIndexOf('/') + 1), epoch(1, 1))
                .expect(404);
    }

    private static List<String> objects(String prefix) {
        try (var store = Servers.running().objectStore()) {
            return store.list(prefix);
        }
    }

    private static void eventually(BooleanSupplier condition) {
        Instant end = Instant.now().plus(Duration.ofSeconds(30));
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(end);
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
