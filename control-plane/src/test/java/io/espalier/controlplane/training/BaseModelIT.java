package io.espalier.controlplane.training;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.job.JobRef;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Servers;
import io.espalier.controlplane.fixture.Story;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;

/** Model versions as base models of a tenant's own. */
@ControlPlaneTest
@Timeout(90)
class BaseModelIT {
    private static final String PATH = "/api/base-models";

    @AutoClose
    private static final FakeWorker worker = new FakeWorker();

    @LocalServerPort
    private int port;

    @Autowired
    private TrainingJobs jobs;

    private Caller caller;
    private Story story;
    private String data;
    private String product;
    private UUID job;

    @BeforeEach
    void trainAVersion() {
        caller = Caller.ofNewTenant(port);
        story = new Story(caller);
        data = story.readyVersion();
        product = story.product();
        String path = story.job(product, data);
        caller.awaitState(path, "SUCCEEDED");
        job = UUID.fromString(path.substring(path.lastIndexOf('/') + 1));
    }

    private Caller.Answer make(String name) {
        return caller.post(versionPath() + "/base-model", Map.of("name", name));
    }

    private String versionPath() {
        return "/api/products/" + product + "/versions/1";
    }

    private Caller.Answer productFrom(String baseModel) {
        return caller.post(
                "/api/products", Map.of("name", "Small", "task", "text-classification", "baseModel", baseModel));
    }

    @Test
    void standsInTheCatalogBesideThePlatforms() {
        var made = make("our-intents").expect(201);

        assertThat(made.headers()).containsEntry("location", PATH + "/" + made.string("id"));
        assertThat(made.string("source")).isEqualTo("version 1 of intents");
        assertThat(made.string("task")).isEqualTo("text-classification");
        assertThat(caller.get(PATH + "/" + made.string("id")).expect(200).body())
                .isEqualTo(made.body());
        assertThat(caller.get(PATH).expect(200).body().path("items").findValuesAsString("name"))
                .containsExactly("all-MiniLM-L6-v2", "bge-small-zh-v1.5", "our-intents");
        assertThat(Caller.ofNewTenant(port)
                        .get(PATH)
                        .expect(200)
                        .body()
                        .path("items")
                        .size())
                .isEqualTo(2);
    }

    @Test
    void isListedAPageAtATime() {
        make("one").expect(201);
        make("two").expect(201);

        var first = caller.get(PATH + "?limit=1").expect(200);
        var second = caller.get(PATH + "?limit=1&cursor=" + first.string("nextCursor"))
                .expect(200);

        assertThat(first.body().path("items").findValuesAsString("name"))
                .containsExactly("all-MiniLM-L6-v2", "bge-small-zh-v1.5", "two");
        assertThat(second.body().path("items").findValuesAsString("name")).containsExactly("one");
        assertThat(second.body().has("nextCursor")).isFalse();
    }

    @Test
    void isWhatTrainingsOfAProductStartFrom() {
        make("our-intents").expect(201);
        var small = productFrom("our-intents").expect(201);

        String path = story.job(small.string("id"), data);

        assertThat(small.string("baseModel")).isEqualTo("our-intents");
        assertThat(caller.awaitState(path, "SUCCEEDED").string("baseModel")).isEqualTo("our-intents");
        JobRef ref = new JobRef(caller.tenant(), UUID.fromString(path.substring(path.lastIndexOf('/') + 1)));
        assertThat(worker.spec(ref).baseModelPrefix())
                .isEqualTo(ObjectKeys.trainedModel(new JobRef(caller.tenant(), job), "beef"));
        assertThat(caller.get("/api/products/" + small.string("id") + "/versions/1")
                        .expect(200)
                        .body()
                        .at("/lineage/baseModel")
                        .asString())
                .isEqualTo("our-intents");
    }

    @Test
    void hasANameOfItsOwn() {
        make("our-intents").expect(201);

        for (String taken : new String[] {"our-intents", "all-MiniLM-L6-v2"}) {
            var refused = make(taken).expect(409);
            assertThat(refused.body().at("/errors/0/field").asString()).isEqualTo("name");
        }
        assertThat(make(" ").expect(422).body().at("/errors/0/field").asString())
                .isEqualTo("name");
        caller.post("/api/products/" + product + "/versions/2/base-model", Map.of("name", "x"))
                .expect(404);
    }

    @Test
    void isForItsTaskOnly() {
        make("our-intents").expect(201);

        var refused = caller.post(
                        "/api/products",
                        Map.of("name", "Pictures", "task", "image-classification", "baseModel", "our-intents"))
                .expect(422);

        assertThat(refused.body().at("/errors/0/message").asString()).contains("there is no base model");
    }

    @Test
    void isNotDeletedWhileAProductStartsFromIt() {
        String id = make("our-intents").expect(201).string("id");
        String small = productFrom("our-intents").expect(201).string("id");

        assertThat(caller.delete(PATH + "/" + id).expect(409).string("detail")).contains("small");
        caller.delete("/api/products/" + small).expect(204);
        caller.delete(PATH + "/" + id).expect(204);
        caller.get(PATH + "/" + id).expect(404);
        caller.delete(PATH + "/" + id).expect(404);
    }

    @Test
    void keepsTheVersionThatItWasMadeOf() {
        String id = make("our-intents").expect(201).string("id");

        assertThat(caller.delete(versionPath()).expect(409).string("detail")).contains("our-intents");
        assertThat(caller.delete("/api/products/" + product).expect(409).string("detail"))
                .contains("our-intents");
        caller.delete(PATH + "/" + id).expect(204);
        caller.delete("/api/products/" + product).expect(204);
    }

    @Test
    void takesAVersionWhoseWeightsWereKept() {
        try (var store = Servers.running().objectStore()) {
            store.deletePrefix(ObjectKeys.trainedModels(new JobRef(caller.tenant(), job)));
        }

        assertThat(make("our-intents").expect(409).string("detail")).contains("Train it again");
    }
}
