package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** What users do changes their next answers, without a training and for their own tenant only, and is there for the next one. */
@ExtendWith(SharedInstallation.class)
class InteractionsE2ET {
    private static final Map<String, Object> QUICK = Map.of("recipe", "item-neighbours", "split", "user");

    @Test
    void changesTheNextAnswerOfAUser(Installation installation) {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        Shop stranger = Shop.open(installation.origin(), installation.operatorCredential());
        String version = shop.upload(shop.dataset("recommendation"), "visits.csv", visits());
        JsonNode product = shop.product("recommendation");
        JsonNode other = stranger.product("recommendation");
        shop.trainAndDeploy(product.get("id").asString(), version, QUICK);
        stranger.trainAndDeploy(
                other.get("id").asString(),
                stranger.upload(stranger.dataset("recommendation"), "visits.csv", visits()),
                QUICK);
        Customer mine = Customer.of(shop, installation, product);
        Customer theirs = Customer.of(stranger, installation, other);
        List<String> known = mine.ask("u0");
        List<String> unknown = mine.ask("newcomer");
        List<String> theirKnown = theirs.ask("u0");
        List<String> theirUnknown = theirs.ask("newcomer");

        // A known user turns to another kind of things, one whom no training saw has begun with them.
        mine.tell(interaction("u0", "i1-1"), interaction("u0", "i1-2"), interaction("u0", "i1-3"));
        mine.tell(
                interaction("newcomer", "i1-1"),
                interaction("newcomer", "i1-2"),
                interaction("newcomer", "a new thing"));

        assertThat(mine.ask("u0")).isNotEqualTo(known).doesNotContain("i1-1", "i1-2", "i1-3");
        List<String> answer = mine.ask("newcomer");
        assertThat(answer).isNotEqualTo(unknown).doesNotContain("i1-1", "i1-2");
        assertThat(answer.subList(0, 3)).allMatch(item -> item.startsWith("i1-"));
        assertThat(theirs.ask("u0")).isEqualTo(theirKnown);
        assertThat(theirs.ask("newcomer")).isEqualTo(theirUnknown);

        saysWhatIsWrongAndStoresNothing(mine, theirs);
        assertThat(mine.ask("newcomer")).isEqualTo(answer);
        survivesTheWorker(installation, mine, answer);
        becomesTheNextVersion(shop, product, version);
    }

    private static void saysWhatIsWrongAndStoresNothing(Customer mine, Customer theirs) {
        Api.Answer refused = mine.send(interaction("newcomer", "i2-1"), Map.of("item", "i2-2"))
                .expect(422);
        assertThat(refused.fields()).containsExactly("interactions[1].user");
        // Another tenant's product is not there.
        new Customer(theirs.api(), mine.product())
                .send(interaction("newcomer", "i2-1"))
                .expect(404);
    }

    private static void survivesTheWorker(Installation installation, Customer mine, List<String> answer) {
        installation.kill("inference-worker");
        Api.until(
                "the worker answers again",
                Duration.ofMinutes(2),
                () -> mine.predict("newcomer").status() == 200);

        assertThat(mine.ask("newcomer")).isEqualTo(answer);
        mine.tell(interaction("newcomer", answer.getFirst()));
        assertThat(mine.ask("newcomer")).doesNotContain(answer.getFirst());
    }

    private static void becomesTheNextVersion(Shop shop, JsonNode product, String version) {
        String id = product.get("id").asString();
        JsonNode made = shop.api()
                .post("/api/products/" + id + "/dataset-versions", Map.of("datasetVersion", version))
                .expect(201)
                .json();

        String dataset = made.get("dataset").asString();
        JsonNode inspected = shop.awaitInspection(dataset, made.get("id").asString());
        assertThat(inspected.get("state").asString()).as(inspected.toString()).isEqualTo("READY");
        long old = shop.awaitInspection(dataset, version).get("rows").asLong();
        assertThat(inspected.get("rows").asLong()).isEqualTo(old + 7);
        shop.trainAndDeploy(id, made.get("id").asString(), QUICK);
    }

    private static Map<String, Object> interaction(String user, String item) {
        return Map.of("user", user, "item", item, "type", "view");
    }

    /** Each user has one of three interests of twelve items. */
    private static byte[] visits() {
        StringBuilder csv = new StringBuilder("user_id,item_id,timestamp\n");
        for (int user = 0; user < 150; user++) {
            for (int i = 0; i < 7; i++) {
                csv.append("u%d,i%d-%d,%d\n"
                        .formatted(
                                user, user % 3, (user / 3 + i * (1 + user % 2)) % 12, 1_700_000_000 + user * 100 + i));
            }
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** A caller of one product. */
    private record Customer(Api api, String product) {
        static Customer of(Shop shop, Installation installation, JsonNode product) {
            Customer customer = new Customer(
                    shop.customer(installation.origin()), product.get("slug").asString());
            customer.api.awaitStatus(customer.path("predict"), body("u0"), 200);
            return customer;
        }

        private String path(String what) {
            return "/v1/products/" + product + "/" + what;
        }

        private static Map<String, Object> body(String user) {
            return Map.of("inputs", Map.of("user", user));
        }

        Api.Answer predict(String user) {
            return api.post(path("predict"), body(user));
        }

        List<String> ask(String user) {
            List<String> items = new ArrayList<>();
            predict(user)
                    .expect(200)
                    .json()
                    .forEach(entry -> items.add(entry.get("item").asString()));
            return items;
        }

        Api.Answer send(Object... interactions) {
            return api.post(path("interactions"), Map.of("interactions", List.of(interactions)));
        }

        /** Once this returns, answers follow. */
        void tell(Object... interactions) {
            JsonNode receipt = send(interactions).expect(200).json();
            assertThat(receipt.get("accepted").asInt()).isEqualTo(interactions.length);
            assertThat(receipt.get("applied").asBoolean()).isTrue();
        }
    }
}
