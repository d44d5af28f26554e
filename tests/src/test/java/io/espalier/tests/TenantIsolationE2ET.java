package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.espalier.tests.Api.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * Every operation of the API description, tried by one tenant on what another owns: an id in the path answers exactly as
 * one that does not exist, lists are empty, and foreign ids in bodies are unknown ids.
 */
@ExtendWith(SharedInstallation.class)
class TenantIsolationE2ET {
    /** Paths that name nothing of a tenant's: shared by all, or about the caller's own session. */
    private static final Set<String> WITHOUT_TENANT = Set.of("/api/tasks/{name}");

    private static Shop owner;
    private static Shop stranger;
    private static JsonNode description;
    private static String dataset;
    private static String version;
    private static String product;
    private static String productSlug;
    private static String job;
    private static String key;
    private static String member;

    @BeforeAll
    static void openTwoShops(Installation installation) {
        owner = Shop.open(installation.origin(), installation.operatorCredential());
        stranger = Shop.open(installation.origin(), installation.operatorCredential());
        dataset = owner.dataset("text-classification");
        version = owner.upload(dataset, "messages.csv", Shop.messages(80, 1));
        JsonNode created = owner.product("text-classification");
        product = created.get("id").asString();
        productSlug = created.get("slug").asString();
        job = owner.train(product, version, Map.of("epochs", 1));
        JsonNode made = owner.api()
                .post("/api/api-keys", Map.of("name", "mine"))
                .expect(201)
                .json();
        key = made.get("id").asString();
        member = owner.api()
                .get("/api/session")
                .expect(200)
                .json()
                .get("member")
                .get("id")
                .asString();
        owner.api().post("/api/training-jobs/" + job + "/cancel", Map.of());
        description = Api.anonymous(installation.origin())
                .get("/api/openapi.json")
                .expect(200)
                .json();
    }

    private record Operation(String method, String template) {
        String on(String dataset, String version, String product, String job, String key, String member) {
            StringBuilder path = new StringBuilder();
            String[] segments = template.split("/");
            for (int i = 1; i < segments.length; i++) {
                String before = segments[i - 1];
                path.append('/')
                        .append(
                                !segments[i].startsWith("{")
                                        ? segments[i]
                                        : switch (before) {
                                            case "datasets" -> dataset;
                                            case "versions" -> template.contains("/datasets/") ? version : "1";
                                            case "products" -> product;
                                            case "training-jobs" -> job;
                                            case "api-keys" -> key;
                                            case "members" -> member;
                                            default -> "part.csv";
                                        });
            }
            return path.toString();
        }
    }

    private static List<Operation> operationsWithAnId() {
        List<Operation> operations = new ArrayList<>();
        description
                .get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(method -> {
                    if (path.getKey().startsWith("/api/")
                            && path.getKey().contains("{")
                            && !WITHOUT_TENANT.contains(path.getKey())) {
                        operations.add(
                                new Operation(method.getKey().toUpperCase(java.util.Locale.ROOT), path.getKey()));
                    }
                }));
        return operations;
    }

    @TestFactory
    Stream<DynamicTest> answersForeignIdsExactlyAsMissingOnes() {
        String missing = UUID.randomUUID().toString();
        return operationsWithAnId().stream()
                .map(operation -> dynamicTest(operation.method() + " " + operation.template(), () -> {
                    String foreign = operation.on(dataset, version, product, job, key, member);
                    String absent = operation.on(missing, missing, missing, missing, missing, missing);
                    String body = "{\"name\":\"part.csv\",\"version\":1,\"datasetVersion\":\"" + version + "\"}";
                    String valid = validBody(operation, body);

                    Answer answer = stranger.api()
                            .send(operation.method(), foreign, BodyPublishers.ofString(valid), "application/json");
                    Answer reference = stranger.api()
                            .send(operation.method(), absent, BodyPublishers.ofString(valid), "application/json");

                    assertThat(answer.status()).as(answer.body()).isEqualTo(404);
                    assertThat(withoutRequestId(answer)).isEqualTo(withoutRequestId(reference));
                }));
    }

    private static String validBody(Operation operation, String otherwise) {
        String template = operation.template();
        if (template.endsWith("/deployment")) {
            return "{\"version\":1}";
        }
        if (template.endsWith("/training-jobs") || template.endsWith("/estimate")) {
            return "{\"datasetVersion\":\"" + version + "\"}";
        }
        if (template.endsWith("/uploads")) {
            return "{\"name\":\"part.csv\"}";
        }
        if (template.endsWith("/mapping")) {
            return "{\"columnsByRole\":{\"text\":[\"text\"],\"label\":[\"label\"]}}";
        }
        return template.contains("/parts/") ? otherwise : "{}";
    }

    private static String withoutRequestId(Answer answer) {
        return answer.body().replaceAll("\"requestId\":\"[^\"]*\"", "");
    }

    @TestFactory
    Stream<DynamicTest> listsNothingOfAnotherTenant() {
        return Stream.of("/api/datasets", "/api/products", "/api/training-jobs", "/api/api-keys")
                .map(path -> dynamicTest(path, () -> {
                    JsonNode mine = stranger.api().get(path).expect(200).json().get("items");
                    JsonNode theirs = owner.api().get(path).expect(200).json().get("items");

                    assertThat(mine.size()).isZero();
                    assertThat(theirs.size()).isPositive();
                }));
    }

    @Test
    void takesForeignIdsInBodiesForUnknownOnes(Installation installation) {
        Shop another = Shop.open(installation.origin(), installation.operatorCredential());
        String own = another.product("text-classification").get("id").asString();
        String path = "/api/products/" + own + "/training-jobs";

        Answer foreign = another.api().post(path, Map.of("datasetVersion", version));
        Answer unknown = another.api()
                .post(path, Map.of("datasetVersion", UUID.randomUUID().toString()));

        assertThat(foreign.status()).isEqualTo(422);
        assertThat(withoutRequestId(foreign)).isEqualTo(withoutRequestId(unknown));
    }

    @Test
    void predictsWithNoOtherTenantsProduct(Installation installation) {
        Api customer = stranger.customer(installation.origin());
        // The key has to reach the gateway first.
        customer.awaitStatus("/v1/products/" + UUID.randomUUID() + "/predict", Map.of("inputs", "a"), 404);

        for (String name : List.of(product, productSlug)) {
            Answer answer = customer.post("/v1/products/" + name + "/predict", Map.of("inputs", "where is my parcel?"));

            assertThat(answer.status()).isEqualTo(404);
        }
    }
}
