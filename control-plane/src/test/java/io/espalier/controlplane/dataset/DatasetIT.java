package io.espalier.controlplane.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.InspectionProgress;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Servers;
import io.espalier.controlplane.fixture.Story;
import io.espalier.controlplane.platform.TenantContext;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;

@ControlPlaneTest
class DatasetIT {
    @AutoClose
    private static final FakeWorker worker = new FakeWorker();

    @LocalServerPort
    private int port;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private Caller caller;
    private Story story;

    @BeforeEach
    void logIn() {
        worker.findsData(true).holdInspections(false);
        caller = Caller.ofNewTenant(port);
        story = new Story(caller);
    }

    @Test
    void bringsAnUploadToAReport() {
        String dataset = story.dataset();
        String path = story.uploadedVersion(dataset);
        assertThat(caller.get(path).string("state")).isEqualTo("UPLOADING");

        caller.post(path + "/complete").expect(202);
        var ready = caller.awaitState(path, "READY");

        assertThat(ready.body().path("number").asInt()).isEqualTo(1);
        assertThat(ready.body().path("rowsUsed").asInt()).isEqualTo(9);
        assertThat(ready.string("contentHash")).isEqualTo("c0ffee");
        assertThat(ready.body().path("rowsBySplit").path("TEST").asInt()).isEqualTo(2);
        assertThat(ready.body().at("/parts/0/name").asString()).isEqualTo("messages.csv");
        assertThat(ready.body().at("/parts/0/split").asString()).isEqualTo("TRAIN");
        assertThat(ready.body().at("/parts/0/bytes").asInt()).isEqualTo(27);
        assertThat(ready.body().at("/effectiveMapping/columnsByRole/text/0").asString())
                .isEqualTo("message");
        var report = caller.get(path + "/report").expect(200);
        assertThat(report.body().path("trainable").asBoolean()).isTrue();
        assertThat(report.headers().get("content-type")).startsWith("application/json");
    }

    @Test
    void neverChangesAfterItIsComplete() {
        String path = story.uploadedVersion(story.dataset());
        caller.post(path + "/complete").expect(202);
        caller.awaitState(path, "READY");

        caller.upload(path + "/parts/messages.csv", BodyPublishers.ofString("other"))
                .expect(409);
        caller.post(path + "/uploads", Map.of("name", "more.csv")).expect(409);
        caller.post(path + "/complete").expect(409);

        assertThat(caller.get(path).body().at("/parts/0/bytes").asInt()).isEqualTo(27);
    }

    @Test
    void replacesAPartOfTheSameNameAndDeletesItsObject() {
        String path = story.uploadedVersion(story.dataset());

        caller.upload(path + "/parts/messages.csv?split=dev", BodyPublishers.ofString("message,intent\n"))
                .expect(200);

        var parts = caller.get(path).body().path("parts");
        assertThat(parts.size()).isEqualTo(1);
        assertThat(parts.at("/0/split").asString()).isEqualTo("VALIDATION");
        assertThat(parts.at("/0/bytes").asInt()).isEqualTo(15);
        awaitObjects("datasets/", 1);
    }

    @Test
    void refusesToCompleteWithoutPartsOrBeforeTheyArrive() {
        var version = caller.post("/api/datasets/" + story.dataset() + "/versions", Map.of());
        String path = "/api/datasets/" + version.string("dataset") + "/versions/" + version.string("id");
        caller.post(path + "/complete").expect(409);

        caller.post(path + "/uploads", Map.of("name", "late.csv")).expect(201);

        assertThat(caller.post(path + "/complete").expect(409).string("detail")).contains("late.csv");
    }

    @Test
    void takesAPartByPresignedUrl() throws Exception {
        var version = caller.post("/api/datasets/" + story.dataset() + "/versions", Map.of());
        String path = "/api/datasets/" + version.string("dataset") + "/versions/1";

        var ticket = caller.post(path + "/uploads", Map.of("name", "a.csv", "split", "test"))
                .expect(201);

        // What the gateway does with the public URL.
        String publicUrl = ticket.string("url");
        assertThat(publicUrl).startsWith("https://ml.example.com/objects/espalier/tenants/" + caller.tenant());
        assertThat(Instant.parse(ticket.string("expiresAt"))).isAfter(Instant.now());
        String endpoint = Servers.running().environment().get("ESPALIER_S3_ENDPOINT");
        var put = HttpRequest.newBuilder(URI.create(publicUrl.replace("https://ml.example.com/objects", endpoint)))
                .PUT(BodyPublishers.ofString("a,b\n1,2\n"))
                .build();
        assertThat(HttpClient.newHttpClient()
                        .send(put, BodyHandlers.discarding())
                        .statusCode())
                .isEqualTo(200);
        caller.post(path + "/complete").expect(202);
        var ready = caller.awaitState(path, "READY");
        assertThat(ready.body().at("/parts/0/bytes").asInt()).isEqualTo(8);
        assertThat(ready.body().at("/parts/0/split").asString()).isEqualTo("TEST");
        awaitObjects("datasets/", 2);
        try (ObjectStore store = Servers.running().objectStore()) {
            List<String> completed = store.list(ObjectKeys.tenant(caller.tenant()) + "datasets/");

            // The URL is still valid, but leads to another object now.
            assertThat(HttpClient.newHttpClient()
                            .send(put, BodyHandlers.discarding())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(store.list(ObjectKeys.tenant(caller.tenant()) + "datasets/"))
                    .containsAll(completed)
                    .hasSize(completed.size() + 1);
        }
    }

    @Test
    void refusesAPartBeyondTheLimitAndKeepsNothingOfIt() {
        String path = story.uploadedVersion(story.dataset());

        // Eleven megabytes, past one part of the store's protocol, of unknown length.
        var declared = caller.upload(path + "/parts/declared.csv", BodyPublishers.ofByteArray(new byte[11 << 20]));
        var streamed =
                caller.upload(path + "/parts/streamed.csv", BodyPublishers.ofInputStream(() -> zeros(11L << 20)));

        declared.expect(413);
        streamed.expect(413);
        assertThat(streamed.string("type")).isEqualTo("urn:espalier:problem:payload-too-large");
        assertThat(caller.get(path).body().path("parts").size()).isEqualTo(1);
        awaitObjects("datasets/", 1);
    }

    @Test
    void refusesAnEmptyBodyAndAnUnknownSplit() {
        String path = story.uploadedVersion(story.dataset());

        var empty = caller.upload(path + "/parts/empty.csv", BodyPublishers.noBody())
                .expect(422);
        var split = caller.upload(path + "/parts/a.csv?split=sideways", BodyPublishers.ofString("a"))
                .expect(422);

        assertThat(empty.body().at("/errors/0/field").asString()).isEqualTo("body");
        assertThat(split.body().at("/errors/0/field").asString()).isEqualTo("split");
        assertThat(caller.get(path).body().path("parts").size()).isEqualTo(1);
    }

    @Test
    void takesAPartWhateverItsContentType() {
        String path = story.uploadedVersion(story.dataset());

        // What curl sends where it is told nothing.
        caller.exchange(
                        "PUT",
                        path + "/parts/form.csv",
                        "message=1&intent=2",
                        Map.of("content-type", "application/x-www-form-urlencoded"))
                .expect(200);

        assertThat(caller.get(path).body().at("/parts/0/name").asString()).isEqualTo("form.csv");
        assertThat(caller.get(path).body().at("/parts/0/bytes").asInt()).isEqualTo(18);
    }

    @Test
    void saysHowFarTheInspectionIs() {
        worker.holdInspections(true);
        String path = story.uploadedVersion(story.dataset());
        caller.post(path + "/complete").expect(202);
        JsonNode version = caller.get(path).body();
        UUID tenant = caller.tenant();
        UUID id = UUID.fromString(version.path("id").asString());
        var ref = new DatasetVersionRef(
                tenant, UUID.fromString(version.path("dataset").asString()), id);
        String reports = "/internal/dataset-versions/" + tenant + "/" + id + "/progress";
        assertThat(version.has("progress")).isFalse();

        caller.reportTo(reports, new InspectionProgress(ObjectKeys.datasetReport(ref, 1), "Read 2,000,000 rows"))
                .expect(204);
        caller.reportTo(reports, new InspectionProgress(ObjectKeys.datasetReport(ref, 2), "of another mapping"))
                .expect(204);
        caller.reportTo(
                        "/internal/dataset-versions/" + UUID.randomUUID() + "/" + id + "/progress",
                        new InspectionProgress(ObjectKeys.datasetReport(ref, 1), "of another tenant"))
                .expect(204);

        assertThat(caller.get(path).string("progress")).isEqualTo("Read 2,000,000 rows");
        worker.holdInspections(false);
        assertThat(caller.awaitState(path, "READY").body().has("progress")).isFalse();
        caller.reportTo(reports, new InspectionProgress(ObjectKeys.datasetReport(ref, 1), "too late"))
                .expect(204);
        assertThat(caller.get(path).body().has("progress")).isFalse();
    }

    @Test
    void inspectsAgainWithACorrectedMapping() {
        worker.findsData(false);
        String path = story.uploadedVersion(story.dataset());
        caller.post(path + "/complete").expect(202);
        caller.awaitState(path, "INVALID");
        caller.get(path + "/report").expect(200);

        worker.findsData(true);
        var corrected = caller.put(path + "/mapping", Map.of("columnsByRole", Map.of("label", List.of("intent"))))
                .expect(200);

        assertThat(corrected.body().path("revision").asInt()).isEqualTo(2);
        var ready = caller.awaitState(path, "READY");
        assertThat(ready.body().at("/mapping/columnsByRole/label/0").asString()).isEqualTo("intent");
    }

    @Test
    void namesWhatIsWrongWithAMapping() {
        var answer = caller.post(
                        "/api/datasets/" + story.dataset() + "/versions",
                        Map.of("mapping", Map.of("columnsByRole", Map.of("colour", List.of("red")))))
                .expect(422);

        assertThat(answer.body().at("/errors/0/field").asString()).isEqualTo("mapping.columnsByRole.colour");
    }

    @Test
    void refusesColumnNamesThatNoDatabaseKeeps() {
        var answer = caller.post(
                        "/api/datasets/" + story.dataset() + "/versions",
                        Map.of(
                                "mapping",
                                Map.of("columnsByRole", Map.of("text", List.of("a\0b")), "splitColumn", "c\0")))
                .expect(422);

        assertThat(answer.body().findValuesAsString("field"))
                .containsExactly("mapping.splitColumn", "mapping.columnsByRole.text");
    }

    @Test
    void countsVersionsPerDatasetAndNeverGivesANumberAgain() {
        String dataset = story.dataset();
        story.uploadedVersion(dataset);
        String second = story.uploadedVersion(dataset);
        assertThat(second).endsWith("/2");

        caller.delete(second).expect(204);

        assertThat(story.uploadedVersion(dataset)).endsWith("/3");
        caller.get(second).expect(404);
        assertThat(caller.get("/api/datasets/" + dataset + "/versions")
                        .body()
                        .path("items")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void deletesADatasetWithItsObjects() {
        String dataset = story.dataset();
        story.uploadedVersion(dataset);
        awaitObjects("datasets/" + dataset, 1);

        caller.delete("/api/datasets/" + dataset).expect(204);

        caller.get("/api/datasets/" + dataset).expect(404);
        awaitObjects("datasets/" + dataset, 0);
    }

    @Test
    void deletesOnceMoreWhatArrivesAfterTheDeletion() {
        String dataset = story.dataset();
        story.uploadedVersion(dataset);
        caller.delete("/api/datasets/" + dataset).expect(204);
        awaitObjects("datasets/" + dataset, 0);

        // As by a presigned URL that was given out before.
        try (var store = Servers.running().objectStore()) {
            store.put(ObjectKeys.dataset(caller.tenant(), UUID.fromString(dataset)) + "late", new byte[] {1});
        }
        int due = TenantContext.call(
                caller.tenant(),
                () -> transaction.execute(status -> jdbc.sql("""
                                update object_deletion set due_at = now()
                                where due_at between now() + interval '1 hour' and now() + interval '2 hours'""").update()));

        assertThat(due).isEqualTo(1);
        awaitObjects("datasets/" + dataset, 0);
    }

    @Test
    void pagesThroughDatasetsNewestFirst() {
        List<String> made = List.of(story.dataset(), story.dataset(), story.dataset());

        var first = caller.get("/api/datasets?limit=2");
        var second = caller.get("/api/datasets?limit=2&cursor=" + first.string("nextCursor"));

        assertThat(first.body().at("/items/0/id").asString()).isEqualTo(made.get(2));
        assertThat(first.body().at("/items/1/id").asString()).isEqualTo(made.get(1));
        assertThat(second.body().at("/items/0/id").asString()).isEqualTo(made.get(0));
        assertThat(second.body().path("nextCursor").isMissingNode()).isTrue();
    }

    @Test
    void showsNothingToAnotherTenant() {
        String path = story.uploadedVersion(story.dataset());
        String dataset = path.substring(0, path.indexOf("/versions"));
        Caller stranger = Caller.ofNewTenant(port);
        String nobodys = "/api/datasets/" + UUID.randomUUID();

        for (String own : List.of("", "/versions", "/versions/1", "/versions/1/report")) {
            var foreign = stranger.get(dataset + own).expect(404);
            assertThat(foreign.string("detail"))
                    .isEqualTo(stranger.get(nobodys + own).string("detail"));
        }
        stranger.post(dataset + "/versions", Map.of()).expect(404);
        stranger.post(path + "/complete").expect(404);
        stranger.post(path + "/uploads", Map.of("name", "a.csv")).expect(404);
        stranger.upload(path + "/parts/a.csv", BodyPublishers.ofString("a")).expect(404);
        stranger.put(path + "/mapping", Map.of()).expect(404);
        stranger.delete(path).expect(404);
        stranger.delete(dataset).expect(404);

        assertThat(stranger.get("/api/datasets").body().path("items").size()).isZero();
        caller.get(path).expect(200);
    }

    private void awaitObjects(String prefix, int count) {
        try (var store = Servers.running().objectStore()) {
            Instant end = Instant.now().plus(Duration.ofSeconds(20));
            List<String> keys;
            do {
                keys = store.list(ObjectKeys.tenant(caller.tenant()) + prefix);
            } while (keys.size() != count && Instant.now().isBefore(end));
            assertThat(keys).hasSize(count);
        }
    }

    private static InputStream zeros(long bytes) {
        return new InputStream() {
            private long left = bytes;

            @Override
            public int read() {
                return left-- > 0 ? 0 : -1;
            }

            @Override
            public int read(byte[] buffer, int offset, int length) {
                if (left <= 0) {
                    return -1;
                }
                int read = (int) Math.min(left, length);
                left -= read;
                return read;
            }
        };
    }
}
