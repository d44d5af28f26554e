package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.espalier.tests.Api.Answer;
import io.espalier.tests.ApiDescription.Operation;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.HashMap;
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
 * one that does not exist, lists are empty, and foreign ids in bodies are unknown ids. All that is tried exists: the owner
 * has trained and deployed.
 */
@ExtendWith(SharedInstallation.class)
class TenantIsolationE2ET {
    /** Paths that name nothing of a tenant's. */
    private static final Set<String> WITHOUT_TENANT = Set.of("/api/tasks/{name}");

    private static final List<String> TRAINING = List.of("/training-jobs", "/training-jobs/estimate");

    private static Shop owner;
    private static Shop stranger;
    private static ApiDescription description;
    private static String version;
    private static String product;
    private static String productSlug;
    /** What the owner has, by the segment of a path in front of its id. */
    private static Map<String, String> owned;

    @BeforeAll
    static void openTwoShops(Installation installation) {
        owner = Shop.open(installation.origin(), installation.operatorCredential());
        stranger = Shop.open(installation.origin(), installation.operatorCredential());
        String dataset = owner.dataset("text-classification");
        version = owner.upload(dataset, "messages.csv", Shop.messages(80, 1));
        JsonNode created = owner.product("text-classification");
        product = created.get("id").asString();
        productSlug = created.get("slug").asString();
        JsonNode job = owner.trainAndDeploy(product, version, Map.of("epochs", 1));
        JsonNode key = owner.api()
                .post("/api/api-keys", Map.of("name", "mine"))
                .expect(201)
                .json();
        JsonNode baseModel = owner.api()
                .post("/api/products/" + product + "/versions/1/base-model", Map.of("name", "ours"))
                .expect(201)
                .json();
        owned = Map.of(
                "datasets",
                dataset,
                "dataset-versions",
                version,
                "products",
                product,
                "versions",
                "1",
                "training-jobs",
                job.get("id").asString(),
                "base-models",
                baseModel.get("id").asString(),
                "api-keys",
                key.get("id").asString(),
                "members",
                memberId(owner));
        description = ApiDescription.of(installation.origin());
    }

    private static String memberId(Shop shop) {
        return shop.api()
                .get("/api/session")
                .expect(200)
                .json()
                .at("/member/id")
                .asString();
    }

    private static Stream<Operation> operationsOnSomething() {
        return description.operations().stream()
                .filter(operation -> operation.isOnSomething() && !WITHOUT_TENANT.contains(operation.template()));
    }

    @TestFactory
    Stream<DynamicTest> answersForeignIdsExactlyAsMissingOnes() {
        Map<String, String> missing = new HashMap<>();
        owned.keySet().forEach(kind -> missing.put(kind, UUID.randomUUID().toString()));
        // A number in the path has the same form in both.
        missing.put("versions", "1");
        return operationsOnSomething()
                .map(operation -> dynamicTest(name(operation), () -> {
                    Answer foreign = send(stranger, operation, owned);
                    Answer absent = send(stranger, operation, missing);

                    assertThat(foreign.status()).as(foreign.body()).isEqualTo(404);
                    assertThat(foreign.withoutRequestId()).isEqualTo(absent.withoutRequestId());
                }));
    }

    /** Without this a path that is never there for anybody would pass above. */
    @TestFactory
    Stream<DynamicTest> showsToItsOwnerWhatItHidesFromStrangers() {
        // Of a key and a member nobody can ask; they stand in the lists below.
        return operationsOnSomething()
                .filter(operation -> operation.method().equals("GET"))
                .map(operation -> dynamicTest(
                        name(operation),
                        () -> owner.api().get(operation.path(owned)).expect(200)));
    }

    private static String name(Operation operation) {
        return operation.method() + " " + operation.template();
    }

    private static Answer send(Shop shop, Operation operation, Map<String, String> ids) {
        return shop.api()
                .send(
                        operation.method(),
                        operation.path(ids),
                        BodyPublishers.ofString(validBody(operation.template())),
                        "application/json");
    }

    private static String validBody(String template) {
        if (template.endsWith("/deployment")) {
            return "{\"version\":1}";
        }
        if (List.of("training-jobs", "estimate", "dataset-versions")
                .contains(template.substring(template.lastIndexOf('/') + 1))) {
            return "{\"datasetVersion\":\"" + version + "\"}";
        }
        if (template.endsWith("/uploads")) {
            return "{\"name\":\"part.csv\"}";
        }
        if (template.endsWith("/base-model")) {
            return "{\"name\":\"mine\"}";
        }
        if (template.endsWith("/mapping")) {
            return "{\"columnsByRole\":{\"text\":[\"text\"],\"label\":[\"label\"]}}";
        }
        return "{}";
    }

    @TestFactory
    Stream<DynamicTest> listsNothingOfAnotherTenant(Installation installation) {
        Shop newcomer = Shop.open(installation.origin(), installation.operatorCredential());
        String self = memberId(newcomer);
        return description
                .lists()
                .filter(operation -> !operation.isOnSomething())
                .map(operation -> dynamicTest(operation.template(), () -> {
                    List<String> theirs = ids(owner, operation.template());
                    List<String> mine = ids(newcomer, operation.template());

                    assertThat(theirs).isNotEmpty().doesNotContain(self);
                    assertThat(mine).isEqualTo(operation.template().equals("/api/members") ? List.of(self) : List.of());
                }));
    }

    private static List<String> ids(Shop shop, String path) {
        // Base models of the platform have none.
        return shop.list(path).stream()
                .filter(item -> item.has("id"))
                .map(item -> item.get("id").asString())
                .toList();
    }

    @Test
    void listsNoJobsOfAForeignProduct() {
        String jobs = "/api/training-jobs?product=";

        Answer foreign = stranger.api().get(jobs + product);
        Answer unknown = stranger.api().get(jobs + UUID.randomUUID());

        assertThat(owner.api()
                        .get(jobs + product)
                        .expect(200)
                        .json()
                        .get("items")
                        .size())
                .isPositive();
        assertSame(foreign, unknown);
        assertThat(foreign.body()).doesNotContain(owned.get("training-jobs"));
    }

    @TestFactory
    Stream<DynamicTest> takesForeignIdsInBodiesForUnknownOnes() {
        String own = stranger.product("text-classification").get("id").asString();
        return TRAINING.stream()
                .map(route -> dynamicTest(route, () -> {
                    String path = "/api/products/" + own + route;

                    Answer foreign = stranger.api().post(path, Map.of("datasetVersion", version));
                    Answer unknown = stranger.api()
                            .post(
                                    path,
                                    Map.of("datasetVersion", UUID.randomUUID().toString()));

                    assertThat(foreign.status()).isEqualTo(422);
                    assertThat(foreign.fields()).containsExactly("datasetVersion");
                    assertSame(foreign, unknown);
                }));
    }

    @Test
    void predictsWithNoOtherTenantsProduct(Installation installation) {
        Map<String, Object> body = Map.of("inputs", "where is my parcel?");
        // Keys have to reach the gateway first.
        owner.customer(installation.origin()).awaitStatus(predict(product), body, 200);
        Api customer = stranger.customer(installation.origin());
        Answer unknown = customer.awaitStatus(predict(UUID.randomUUID().toString()), body, 404);

        for (String name : List.of(product, productSlug)) {
            assertSame(customer.post(predict(name), body), unknown);
        }
        assertSame(customer.post(predict("no-such-product"), body), unknown);
    }

    private static String predict(String product) {
        return "/v1/products/" + product + "/predict";
    }

    private static void assertSame(Answer foreign, Answer unknown) {
        assertThat(foreign.status()).isEqualTo(unknown.status());
        assertThat(foreign.withoutRequestId()).isEqualTo(unknown.withoutRequestId());
    }
}
