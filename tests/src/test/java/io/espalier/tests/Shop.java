package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.job.JobRef;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/** A tenant of its own for one test: a shop that sorts what its customers write, on very little data. */
record Shop(Api api, UUID tenant, String email, String password) {
    static final Duration PATIENCE = Duration.ofMinutes(6);

    private static final List<String> DELIVERY =
            List.of("parcel", "courier", "tracking number", "delivery", "shipment", "package", "postman", "van");
    private static final List<String> REFUND = List.of(
            "refund",
            "money back",
            "return label",
            "credit note",
            "reimbursement",
            "chargeback",
            "repayment",
            "return");
    private static final List<String> FRAMES = List.of(
            "where is my %s",
            "I am waiting for the %s since %d days",
            "please tell me about the %s of order %d",
            "the %s never came",
            "is there any news about a %s?",
            "your %s is late again, order %d",
            "hello, %s please",
            "what happened to the %s I asked for on day %d");

    private static final List<String> CHANNELS = List.of("web", "phone", "outlet", "market");
    private static final List<String> REGIONS = List.of("north", "south", "east", "west");

    static Shop open(URI origin, String operatorCredential) {
        String id = UUID.randomUUID().toString().substring(0, 8);
        String email = "owner-" + id + "@shop.example";
        String password = "correct horse battery " + id;
        JsonNode tenant = Api.withBearer(origin, operatorCredential)
                .post(
                        "/api/tenants",
                        Map.of("name", "Shop " + id, "owner", Map.of("email", email, "password", password)))
                .expect(201)
                .json();
        return new Shop(
                Api.loggedIn(origin, email, password),
                UUID.fromString(tenant.get("id").asString()),
                email,
                password);
    }

    /** Messages of two kinds that a model tells apart easily, in a fixed order by seed. */
    static byte[] messages(int rows, long seed) {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("text,label\n");
        for (int row = 0; row < rows; row++) {
            boolean refund = row % 2 == 1;
            List<String> words = refund ? REFUND : DELIVERY;
            String text = FRAMES.get(random.nextInt(FRAMES.size()))
                    .formatted(words.get(random.nextInt(words.size())), 1 + random.nextInt(900));
            csv.append('"')
                    .append(text)
                    .append(" (")
                    .append(row)
                    .append(")\",")
                    .append(refund ? "refund" : "delivery")
                    .append('\n');
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Orders: returned where the amount is high or the channel is the outlet. In each column but the last cells are empty. */
    static byte[] orders(int rows, long seed) {
        Random random = new Random(seed);
        StringBuilder csv = new StringBuilder("amount,items,channel,region,returned\n");
        for (int row = 0; row < rows; row++) {
            double amount = 5 + random.nextInt(20_000) / 100.0;
            String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
            csv.append(random.nextInt(30) == 0 ? "" : Double.toString(amount))
                    .append(',')
                    .append(random.nextInt(10) == 0 ? "" : Integer.toString(1 + random.nextInt(9)))
                    .append(',')
                    .append(random.nextInt(30) == 0 ? "" : channel)
                    .append(',')
                    .append(random.nextInt(10) == 0 ? "" : REGIONS.get(random.nextInt(REGIONS.size())))
                    .append(',')
                    .append(amount > 120 || channel.equals("outlet") ? "yes" : "no")
                    .append('\n');
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** @return the id of a dataset version whose inspection has ended */
    String upload(String dataset, String part, byte[] content) {
        return upload(dataset, Map.of(part, content));
    }

    /** @return the id of a dataset version of several files, inspected and found good */
    String upload(String dataset, Map<String, byte[]> parts) {
        String version = beginUpload(dataset, parts);
        awaitInspection(dataset, version);
        return version;
    }

    /** @return the id of a dataset version that is being inspected */
    String beginUpload(String dataset, String part, byte[] content) {
        return beginUpload(dataset, Map.of(part, content));
    }

    private String beginUpload(String dataset, Map<String, byte[]> parts) {
        String version = api.post("/api/datasets/" + dataset + "/versions", Map.of())
                .expect(201)
                .json()
                .get("id")
                .asString();
        String path = "/api/datasets/" + dataset + "/versions/" + version;
        parts.forEach(
                (part, content) -> api.upload(path + "/parts/" + part, content).expect(200));
        api.post(path + "/complete", Map.of()).expect(202);
        return version;
    }

    /** @return the version as it is after its inspection */
    JsonNode awaitInspection(String dataset, String version) {
        return api.await(
                        "/api/datasets/" + dataset + "/versions/" + version,
                        PATIENCE,
                        json -> !List.of("UPLOADING", "INSPECTING")
                                .contains(json.get("state").asString()))
                .json();
    }

    /** @return the items of all pages of a list */
    List<JsonNode> list(String path) {
        List<JsonNode> items = new ArrayList<>();
        String cursor = "";
        do {
            JsonNode page =
                    api.get(path + "?limit=200&cursor=" + cursor).expect(200).json();
            page.get("items").forEach(items::add);
            cursor = page.path("nextCursor").asString("");
        } while (!cursor.isEmpty());
        return items;
    }

    String dataset(String task) {
        return api.post("/api/datasets", Map.of("name", "messages " + UUID.randomUUID(), "task", task))
                .expect(201)
                .json()
                .get("id")
                .asString();
    }

    JsonNode product(String task) {
        return api.post("/api/products", Map.of("name", "inbox " + UUID.randomUUID(), "task", task))
                .expect(201)
                .json();
    }

    /** @return the id of the job, just started */
    String train(String product, String datasetVersion, Map<String, Object> hyperparameters) {
        return api.post(
                        "/api/products/" + product + "/training-jobs",
                        Map.of("datasetVersion", datasetVersion, "hyperparameters", hyperparameters))
                .expect(201)
                .json()
                .get("id")
                .asString();
    }

    /** Trains, deploys what came of it, and waits until it answers. @return the job, which has succeeded */
    JsonNode trainAndDeploy(String product, String datasetVersion, Map<String, Object> hyperparameters) {
        JsonNode ended = awaitSuccess(train(product, datasetVersion, hyperparameters));
        deploy(product, ended.get("modelVersion").asInt());
        return ended;
    }

    JsonNode awaitSuccess(String job) {
        JsonNode ended = awaitEnd(job, PATIENCE);
        assertThat(ended.get("state").asString()).as(ended.toString()).isEqualTo("SUCCEEDED");
        return ended;
    }

    JobRef ref(String job) {
        return new JobRef(tenant, UUID.fromString(job));
    }

    JsonNode awaitEnd(String job, Duration atMost) {
        return api.await(
                        "/api/training-jobs/" + job,
                        atMost,
                        json -> List.of("SUCCEEDED", "FAILED", "CANCELLED")
                                .contains(json.get("state").asString()))
                .json();
    }

    /** Deploys the version and waits until it answers. */
    void deploy(String product, int version) {
        api.put("/api/products/" + product + "/deployment", Map.of("version", version))
                .expect(200);
        api.await(
                "/api/products/" + product + "/deployment",
                PATIENCE,
                json -> json.get("state").asString().equals("READY"));
    }

    /** @return a caller with a new API key */
    Api customer(URI origin) {
        return Api.withBearer(
                origin,
                api.post("/api/api-keys", Map.of("name", "test", "requestsPerMinute", 100_000))
                        .expect(201)
                        .json()
                        .get("key")
                        .asString());
    }
}
