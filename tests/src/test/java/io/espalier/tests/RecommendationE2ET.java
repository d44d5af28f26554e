package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The fourth task from interactions to answers, which has no labels, no gradients and no base model. */
@ExtendWith(SharedInstallation.class)
class RecommendationE2ET {
    private static final int BATCH = 16;

    @Test
    void choosesARecipeAndServesExactlyWhatWasEvaluated(Installation installation) {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        String version = shop.upload(
                shop.dataset("recommendation"),
                Map.of("visits.csv", visits(200), "articles.csv", articles(), "people.csv", people(200)));
        JsonNode product = shop.product("recommendation");

        JsonNode job = shop.trainAndDeploy(product.get("id").asString(), version, Map.of("split", "user"));

        String path = "/v1/products/" + product.get("slug").asString() + "/predict";
        Api customer = shop.customer(installation.origin());
        customer.awaitStatus(path, Map.of("inputs", Map.of("user", "u1")), 200);
        assertThat(job.at("/evaluation/metrics/ndcgAt10").asDouble()).isGreaterThan(0.5);
        assertThat(job.at("/trained/hyperparameters/recipe").asString()).isNotEqualTo("popularity");
        assertThat(job.at("/gate/reason").asString()).contains("ndcgAt10");
        List<JsonNode> evaluated = evaluated(installation, shop, job.get("id").asString());
        assertThat(evaluated).hasSizeGreaterThan(150);
        assertServed(customer, path, evaluated);
        answersNewUsers(customer, path);
        choosesByWhatItemsAndUsersAre(customer, path);
        saysWhatIsWrong(customer, path);
    }

    /** Each user has one of three interests of twelve items, and one item of any. */
    private static byte[] visits(int users) {
        Random random = new Random(11);
        StringBuilder csv = new StringBuilder("user_id,item_id,timestamp\n");
        for (int user = 0; user < users; user++) {
            for (int item = 0; item < 12; item++) {
                if (random.nextInt(10) < 6) {
                    csv.append("u%d,i%d-%d,%d\n"
                            .formatted(user, user % 3, item, 1_700_000_000 + random.nextInt(9_000_000)));
                }
            }
            csv.append("u%d,i%d-%d,\n".formatted(user, random.nextInt(3), random.nextInt(12)));
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** What is said of the items, and of one more of each interest. */
    private static byte[] articles() {
        StringBuilder csv = new StringBuilder("item_id,name,department,price\n");
        List<String> departments = List.of("garden tools", "kitchen knives", "music instruments");
        for (int interest = 0; interest < departments.size(); interest++) {
            for (int item = 0; item <= 12; item++) {
                csv.append("i%d-%s,%s number %d,%s,%d\n"
                        .formatted(
                                interest,
                                item == 12 ? "new" : item,
                                departments.get(interest),
                                item,
                                departments.get(interest),
                                item));
            }
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Who the users are, and one of each interest who has not come yet. */
    private static byte[] people(int users) {
        StringBuilder csv = new StringBuilder("user_id,hobby\n");
        for (int user = 0; user < users; user++) {
            csv.append("u%d,hobby %d\n".formatted(user, user % 3));
        }
        for (int interest = 0; interest < 3; interest++) {
            csv.append("newcomer%d,hobby %d\n".formatted(interest, interest));
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static List<JsonNode> evaluated(Installation installation, Shop shop, String job) {
        try (ObjectStore store = installation.objectStore()) {
            String lines = new String(store.get(ObjectKeys.predictions(shop.ref(job))), StandardCharsets.UTF_8);
            return lines.lines().map(Api.JSON::readTree).toList();
        }
    }

    private static void assertServed(Api customer, String path, List<JsonNode> evaluated) {
        for (int start = 0; start < evaluated.size(); start += BATCH) {
            List<JsonNode> batch = evaluated.subList(start, Math.min(start + BATCH, evaluated.size()));
            JsonNode answers = predict(
                    customer, path, batch.stream().map(row -> row.get("input")).toList());
            for (int i = 0; i < batch.size(); i++) {
                assertSame(batch.get(i), answers.get(i));
            }
            assertSame(
                    batch.getFirst(), predict(customer, path, batch.getFirst().get("input")));
        }
    }

    private static void assertSame(JsonNode evaluated, JsonNode served) {
        JsonNode expected = evaluated.get("answer");
        assertThat(items(served)).as(evaluated.get("input").toString()).isEqualTo(items(expected));
        for (int i = 0; i < expected.size(); i++) {
            assertThat(served.get(i).get("score").asDouble())
                    .isCloseTo(expected.get(i).get("score").asDouble(), within(1e-4));
        }
    }

    private static void answersNewUsers(Api customer, String path) {
        JsonNode answer = customer.post(
                        path,
                        Map.of(
                                "inputs",
                                Map.of("items", List.of("i2-1", "i2-2", "i2-3")),
                                "parameters",
                                Map.of("top_k", 4, "reasons", true, "exclude", List.of("i2-4"))))
                .expect(200)
                .json();

        assertThat(items(answer))
                .hasSize(4)
                .allMatch(item -> item.startsWith("i2-"))
                .doesNotContain("i2-4", "i2-1");
        assertThat(answer.get(0).get("because").get(0).asString()).startsWith("i2-");
        assertThat(items(predict(customer, path, Map.of("similar_to", "i0-5"))).subList(0, 3))
                .allMatch(item -> item.startsWith("i0-"));
    }

    private static void choosesByWhatItemsAndUsersAre(Api customer, String path) {
        Map<String, Object> session = Map.of("items", List.of("i2-1", "i2-2", "i2-3"));

        assertThat(items(customer.post(
                                path,
                                Map.of(
                                        "inputs",
                                        session,
                                        "parameters",
                                        Map.of("among", List.of("i0-new", "i1-new", "i2-new"))))
                        .expect(200)
                        .json()))
                .startsWith("i2-new");
        assertThat(items(customer.post(
                                path,
                                Map.of(
                                        "inputs",
                                        session,
                                        "parameters",
                                        Map.of(
                                                "filter",
                                                Map.of("department", "garden tools", "price", Map.of("min", 11)))))
                        .expect(200)
                        .json()))
                .containsExactlyInAnyOrder("i0-11", "i0-new");
        assertThat(items(predict(customer, path, Map.of("user", "newcomer1"))).subList(0, 5))
                .allMatch(item -> item.startsWith("i1-"));
    }

    private static void saysWhatIsWrong(Api customer, String path) {
        Api.Answer answer = customer.post(path, Map.of("inputs", Map.of("similar_to", "nothing")))
                .expect(422);

        assertThat(answer.json().at("/errors/0/field").asString()).isEqualTo("inputs.similar_to");
    }

    private static JsonNode predict(Api customer, String path, Object inputs) {
        return customer.post(path, Map.of("inputs", inputs)).expect(200).json();
    }

    private static List<String> items(JsonNode answer) {
        List<String> items = new ArrayList<>();
        answer.forEach(entry -> items.add(entry.get("item").asString()));
        return items;
    }
}
