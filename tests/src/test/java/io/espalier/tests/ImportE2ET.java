package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Weights that other libraries saved, uploaded or on a hub, to products that answer. */
@ExtendWith(SharedInstallation.class)
class ImportE2ET {
    private Installation installation;
    private Shop shop;

    @BeforeEach
    void open(Installation installation) {
        this.installation = installation;
        this.shop = Shop.open(installation.origin(), installation.operatorCredential());
    }

    /** @return the path of a base model that waits for its files */
    private String begin(String name, String task) {
        return "/api/base-models/"
                + shop.api()
                        .post("/api/base-models", Map.of("name", name, "task", task))
                        .expect(201)
                        .json()
                        .get("id")
                        .asString();
    }

    private void upload(String model, Path file) throws IOException {
        shop.api()
                .upload(model + "/files/" + file.getFileName(), Files.readAllBytes(file))
                .expect(200);
    }

    private JsonNode read(String model) {
        shop.api().post(model + "/import", Map.of()).expect(202);
        return await(model);
    }

    private JsonNode await(String model) {
        return shop.api()
                .await(
                        model,
                        Shop.PATIENCE,
                        json -> !json.get("state").asString().equals("IMPORTING"))
                .json();
    }

    private JsonNode productFrom(String baseModel, String task) {
        return shop.api()
                .post("/api/products", Map.of("name", "small " + baseModel, "task", task, "baseModel", baseModel))
                .expect(201)
                .json();
    }

    @Test
    void fineTunesAnEncoderThatWasUploaded() throws Exception {
        String model = begin("tiny-bert", "text-classification");
        for (String file : List.of("config.json", "model.safetensors")) {
            upload(model, Hub.IMPORTS.resolve("bert").resolve(file));
        }
        JsonNode refused = read(model);
        assertThat(refused.get("state").asString()).isEqualTo("REFUSED");
        assertThat(refused.at("/problems/0").asString()).contains("tokenizer.json is missing");

        upload(model, Hub.IMPORTS.resolve("bert").resolve("tokenizer.json"));
        JsonNode ready = read(model);
        assertThat(ready.get("state").asString()).as(ready.toString()).isEqualTo("READY");
        assertThat(ready.get("architecture").asString()).isEqualTo("bert with 2 layers of width 32");
        servesWhatItLearned("tiny-bert");
    }

    @Test
    void fineTunesAnEncoderOfTheHub() {
        JsonNode begun = shop.api()
                .post(
                        "/api/base-models",
                        Map.of(
                                "name",
                                "tiny-roberta",
                                "task",
                                "text-classification",
                                "hub",
                                Map.of("repository", "acme/roberta")))
                .expect(201)
                .json();

        JsonNode ready = await("/api/base-models/" + begun.get("id").asString());

        assertThat(ready.get("state").asString()).as(ready.toString()).isEqualTo("READY");
        assertThat(ready.get("source").asString()).isEqualTo("acme/roberta on the hub, commit " + Hub.COMMIT);
        servesWhatItLearned("tiny-roberta");
    }

    private void servesWhatItLearned(String baseModel) {
        JsonNode product = productFrom(baseModel, "text-classification");
        String version = shop.upload(shop.dataset("text-classification"), "messages.csv", Shop.messages(120, 5));

        JsonNode job = shop.trainAndDeploy(product.get("id").asString(), version, Map.of("epochs", 2));

        String path = "/v1/products/" + product.get("slug").asString() + "/predict";
        Api customer = shop.customer(installation.origin());
        customer.awaitStatus(path, Map.of("inputs", "where is my parcel"), 200);
        EvaluatedRows.of(installation, shop.ref(job.get("id").asString())).assertServed(customer, path);
    }

    @Test
    void trainsTheHeadOfANetworkThatWasUploaded() throws Exception {
        String model = begin("tiny-resnet", "image-classification");
        upload(model, Hub.IMPORTS.resolve("basic").resolve("model.safetensors"));
        assertThat(read(model).get("state").asString()).isEqualTo("READY");
        JsonNode product = productFrom("tiny-resnet", "image-classification");
        String version = shop.upload(shop.dataset("image-classification"), "bars.zip", Pictures.zip(Pictures.bars(60)));

        JsonNode job = shop.trainAndDeploy(
                product.get("id").asString(), version, Map.of("epochs", 3, "imageSize", 32, "trained", "head"));

        assertThat(job.get("baseModel").asString()).isEqualTo("tiny-resnet");
    }

    @Test
    void refusesAPickleUnderAnotherName() throws Exception {
        String model = begin("evil", "image-classification");
        shop.api()
                .upload(model + "/files/model.safetensors", new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.', 0, 0})
                .expect(200);

        JsonNode refused = read(model);

        assertThat(refused.get("state").asString()).isEqualTo("REFUSED");
        assertThat(refused.at("/problems/0").asString()).contains("pickle");
    }
}
