package io.espalier.controlplane.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.job.BaseModelRef;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Servers;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/** Weights that a tenant brings, from the first file to a base model. What makes weights good is the worker's to say. */
@ControlPlaneTest
@Timeout(90)
class BaseModelImportIT {
    private static final String PATH = "/api/base-models";

    @AutoClose
    private static final FakeWorker worker = new FakeWorker();

    @LocalServerPort
    private int port;

    private Caller caller;

    @BeforeEach
    void enter() {
        worker.findsData(true);
        caller = Caller.ofNewTenant(port);
    }

    private String begin(String name) {
        return PATH + "/"
                + caller.post(PATH, Map.of("name", name, "task", "text-classification"))
                        .expect(201)
                        .string("id");
    }

    private Caller.Answer upload(String model, String file) {
        return send(model, file, "some bytes");
    }

    private Caller.Answer send(String model, String file, String content) {
        return caller.upload(model + "/files/" + file, BodyPublishers.ofString(content));
    }

    private Caller.Answer productFrom(String baseModel) {
        return caller.post(
                "/api/products", Map.of("name", "Small", "task", "text-classification", "baseModel", baseModel));
    }

    private List<String> objects(String model) {
        try (var store = Servers.running().objectStore()) {
            return store.list(ObjectKeys.importedBaseModel(
                    new BaseModelRef(caller.tenant(), UUID.fromString(model.substring(model.lastIndexOf('/') + 1)))));
        }
    }

    @Test
    void becomesABaseModelThatProductsStartFrom() {
        String model = begin("ours");
        assertThat(caller.get(model).expect(200).string("state")).isEqualTo("UPLOADING");
        assertThat(productFrom("ours").expect(422).body().at("/errors/0/field").asString())
                .isEqualTo("baseModel");
        assertThat(upload(model, "config.json").expect(200).body().path("bytes").asInt())
                .isEqualTo(10);
        upload(model, "model.safetensors").expect(200);
        assertThat(caller.get(model)
                        .expect(200)
                        .body()
                        .path("files")
                        .valueStream()
                        .map(JsonNode::asString))
                .containsExactly("config.json", "model.safetensors");

        assertThat(caller.post(model + "/import", Map.of()).expect(202).string("state"))
                .isEqualTo("IMPORTING");

        var ready = caller.awaitState(model, "READY");
        assertThat(ready.string("architecture")).isEqualTo("bert");
        assertThat(ready.string("source")).isEqualTo("uploaded files");
        assertThat(ready.body().path("files")).isEmpty();
        assertThat(ready.body().path("parameters").asInt()).isEqualTo(10);
        assertThat(productFrom("ours").expect(201).string("baseModel")).isEqualTo("ours");
        assertThat(caller.delete(model).expect(409).string("detail")).contains("small");
        assertThat(objects(model)).anyMatch(key -> key.endsWith("/imports/1/attempt/model.safetensors"));
    }

    @Test
    void isMendedAndTriedAgainWhenItIsRefused() {
        String model = begin("ours");
        upload(model, "model.safetensors").expect(200);
        worker.findsData(false);
        caller.post(model + "/import", Map.of()).expect(202);

        var refused = caller.awaitState(model, "REFUSED");
        assertThat(refused.body().path("problems").valueStream().map(JsonNode::asString))
                .containsExactly("The tensor a is missing.", "The tensor b is missing.");

        worker.findsData(true);
        upload(model, "model.safetensors").expect(200);
        caller.post(model + "/import", Map.of()).expect(202);
        assertThat(caller.awaitState(model, "READY").body().path("problems")).isEmpty();
    }

    @Test
    void takesTheFilesThatAreReadAndNoOthers() {
        String model = begin("ours");

        var refused = upload(model, "pytorch_model.bin").expect(422);
        assertThat(refused.body().at("/errors/0/message").asString())
                .contains("config.json, model.safetensors, tokenizer.json");
        assertThat(caller.post(model + "/import", Map.of()).expect(409).string("detail"))
                .contains("model.safetensors has not arrived");
        assertThat(send(model, "config.json", "")
                        .expect(422)
                        .body()
                        .at("/errors/0/field")
                        .asString())
                .isEqualTo("body");
        assertThat(send(model, "config.json", " ".repeat((1 << 20) + 1))
                        .expect(413)
                        .string("detail"))
                .contains("config.json may have up to 1,048,576 bytes");
        send(PATH + "/" + UUID.randomUUID(), "config.json", "{}").expect(404);
    }

    @Test
    void doesNotChangeOnceItIsABaseModel() {
        String model = begin("ours");
        upload(model, "model.safetensors").expect(200);
        caller.post(model + "/import", Map.of()).expect(202);
        caller.awaitState(model, "READY");

        assertThat(upload(model, "config.json").expect(409).string("detail")).contains("does not change any more");
        caller.post(model + "/import", Map.of()).expect(409);
        caller.delete(model).expect(204);
        caller.get(model).expect(404);
    }

    @Test
    void saysEveryFieldThatIsWrong() {
        begin("ours");

        assertThat(caller.post(PATH, Map.of("name", "ours", "task", "text-classification"))
                        .expect(409)
                        .body()
                        .at("/errors/0/field")
                        .asString())
                .isEqualTo("name");
        var wrong = caller.post(
                        PATH,
                        Map.of(
                                "name",
                                "other",
                                "task",
                                "tabular-classification",
                                "hub",
                                Map.of("repository", "../etc", "revision", "a b")))
                .expect(422);
        assertThat(wrong.body().path("errors").findValuesAsString("field"))
                .containsExactly("task", "hub", "hub.repository", "hub.revision");
        assertThat(wrong.body().at("/errors/0/message").asString())
                .isEqualTo("must be one of text-classification, image-classification");
        assertThat(wrong.body().at("/errors/1/message").asString()).contains("upload the files");
    }
}
