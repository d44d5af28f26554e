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

/**
 * What users do, and items that are new, change the next answers, without a training and for their own tenant only, and are there for
 * the next one.
 */
@ExtendWith(SharedInstallation.class)
class InteractionsE2ET {
    private static final Map<String, Object> QUICK =
            Map.of("recipe", "item-neighbours", "split", "user", "types", List.of("view", "purchase"));

    /** Of each kind: more than stand for an item that nobody had. */
    private static final int ITEMS = 36;

    private static final List<String> THINGS = List.of("tent for hiking", "pan for baking", "book of poems");

    @Test
    void changesTheNextAnswers(Installation installation) {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        Shop stranger = Shop.open(installation.origin(), installation.operatorCredential());
        String version = shop.upload(shop.dataset("recommendation"), files());
        JsonNode product = shop.product("recommendation");
        JsonNode other = stranger.product("recommendation");
        shop.trainAndDeploy(product.get("id").asString(), version, QUICK);
        stranger.trainAndDeploy(
                other.get("id").asString(), stranger.upload(stranger.dataset("recommendation"), files()), QUICK);
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

        passesOverOtherTypes(mine, unknown);
        saysWhatIsWrongAndStoresNothing(mine, theirs);
        assertThat(mine.ask("newcomer")).isEqualTo(answer);
        ranksAnItemFromTheMomentItIsAdded(mine, theirs);
        survivesTheWorker(installation, mine, mine.ask("newcomer"));
        assertThat(mine.askAmong("u2", "new-tent", "new-pan", "new-book")).startsWith("new-book");
        becomesTheNextVersion(shop, product, version);
    }

    private static void passesOverOtherTypes(Customer mine, List<String> unknown) {
        mine.tell(interaction("shown", "i1-1", "impression"));
        assertThat(mine.ask("shown")).isEqualTo(unknown);

        mine.tell(interaction("shown", "i1-1", "purchase"));
        assertThat(mine.ask("shown")).isNotEqualTo(unknown).doesNotContain("i1-1");
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

    private static void ranksAnItemFromTheMomentItIsAdded(Customer mine, Customer theirs) {
        List<String> before = theirs.ask("u1");

        mine.add(item("new-tent", 0), item("new-pan", 1), item("new-book", 2), item("i0-1", 2));

        // Users 0, 1 and 2 each care for one kind of things.
        assertThat(mine.askAmong("u0", "new-tent", "new-pan", "new-book")).startsWith("new-tent");
        assertThat(mine.askAmong("u1", "new-tent", "new-pan", "new-book")).startsWith("new-pan");
        assertThat(theirs.askAmong("u1", "new-tent", "new-pan", "new-book")).isEmpty();
        assertThat(theirs.ask("u1")).isEqualTo(before);
        mine.tell(interaction("u1", "new-pan"));
        assertThat(mine.askAmong("u1", "new-tent", "new-pan", "new-book")).doesNotContain("new-pan");
        mine.api()
                .post(mine.path("items"), Map.of("items", List.of(Map.of("item", "x"))))
                .expect(422);
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
        assertThat(inspected.get("rows").asLong()).isEqualTo(old + 10);
        JsonNode types = shop.api()
                .get("/api/datasets/" + dataset + "/versions/" + made.get("id").asString() + "/report")
                .expect(200)
                .json()
                .at("/profile/interactions/types");
        assertThat(types.get("impression").asInt()).isEqualTo(1);
        assertThat(types.get("purchase").asInt()).isEqualTo(1 + 150);
        shop.trainAndDeploy(id, made.get("id").asString(), QUICK);
    }

    private static Map<String, Object> interaction(String user, String item) {
        return interaction(user, item, "view");
    }

    private static Map<String, Object> interaction(String user, String item, String type) {
        return Map.of("user", user, "item", item, "type", type);
    }

    private static Map<String, Object> item(String id, int kind) {
        return Map.of(
                "item",
                id,
                "attributes",
                Map.of("title", "A " + THINGS.get(kind), "price", 10 * kind + 3, "brand", "unheard of"));
    }

    private static Map<String, byte[]> files() {
        return Map.of("visits.csv", visits(), "items.csv", items());
    }

    private static byte[] items() {
        StringBuilder csv = new StringBuilder("item_id,title,price\n");
        for (int kind = 0; kind < 3; kind++) {
            for (int i = 0; i < ITEMS; i++) {
                csv.append("i%d-%d,Number %d: a %s,%d\n".formatted(kind, i, i, THINGS.get(kind), 10 * kind + i % 5));
            }
        }
        return csv.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** Each user has one of three interests, and buys one of seven things. */
    private static byte[] visits() {
        StringBuilder csv = new StringBuilder("user_id,item_id,timestamp,event_type\n");
        for (int user = 0; user < 150; user++) {
            for (int i = 0; i < 7; i++) {
                csv.append("u%d,i%d-%d,%d,%s\n"
                        .formatted(
                                user,
                                user % 3,
                                (user / 3 + i * (1 + user % 2)) % ITEMS,
                                1_700_000_000 + user * 100 + i,
                                i == 0 ? "purchase" : "view"));
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
            return items(predict(user));
        }

        List<String> askAmong(String user, String... items) {
            return items(api.post(
                    path("predict"),
                    Map.of("inputs", Map.of("user", user), "parameters", Map.of("among", List.of(items)))));
        }

        private static List<String> items(Api.Answer answer) {
            List<String> items = new ArrayList<>();
            answer.expect(200)
                    .json()
                    .forEach(entry -> items.add(entry.get("item").asString()));
            return items;
        }

        Api.Answer send(Object... interactions) {
            return api.post(path("interactions"), Map.of("interactions", List.of(interactions)));
        }

        /** Once this returns, answers follow. */
        void tell(Object... interactions) {
            isApplied(send(interactions), interactions.length);
        }

        /** Once this returns, answers follow. */
        void add(Object... items) {
            isApplied(api.post(path("items"), Map.of("items", List.of(items))), items.length);
        }

        private static void isApplied(Api.Answer answer, int events) {
            JsonNode receipt = answer.expect(200).json();
            assertThat(receipt.get("accepted").asInt()).isEqualTo(events);
            assertThat(receipt.get("applied").asBoolean()).isTrue();
        }
    }
}
