package io.espalier.controlplane.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.route.EventPoll;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Servers;
import io.espalier.controlplane.fixture.Story;
import io.espalier.controlplane.platform.TenantContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;

@ControlPlaneTest
@Timeout(90)
class ProductEventIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @AutoClose
    private static final FakeWorker inspector = new FakeWorker();

    @LocalServerPort
    private int port;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private final List<Follower> followers = new ArrayList<>();
    private Caller caller;
    private Story story;
    private String product;

    @BeforeEach
    void makeAProduct() {
        caller = Caller.ofNewTenant(port);
        story = new Story(caller);
        product = story.product("recommendation");
    }

    @AfterEach
    void endFollowers() {
        followers.forEach(Follower::leave);
    }

    private static Map<String, String> interaction(String user, String item) {
        return Map.of("user", user, "item", item);
    }

    /** An inference worker, as far as it follows events. */
    private final class Follower {
        private final String worker = "worker-" + UUID.randomUUID();

        Follower() {
            followers.add(this);
        }

        JsonNode poll(int most, EventPoll.Position... positions) {
            return Caller.anonymous(port)
                    .exchange(
                            "POST",
                            EventPoll.path(worker),
                            new EventPoll(most, List.of(positions)),
                            Map.of("authorization", "Bearer " + Servers.SERVICE_CREDENTIAL))
                    .expect(200)
                    .body();
        }

        JsonNode poll(long after) {
            return poll(1000, position(caller, product, after));
        }

        void leave() {
            poll(1000);
        }
    }

    private static EventPoll.Position position(Caller caller, String product, long after) {
        return position(caller, product, after, Map.of());
    }

    private static EventPoll.Position position(Caller caller, String product, long after, Map<String, Long> pending) {
        return new EventPoll.Position(caller.tenant(), UUID.fromString(product), after, pending);
    }

    private static List<Long> sequences(JsonNode answer) {
        return answer.path("batches")
                .valueStream()
                .flatMap(batch -> batch.path("events").valueStream())
                .map(event -> event.path("sequence").asLong())
                .toList();
    }

    private static List<String> items(JsonNode answer) {
        return answer.path("batches")
                .valueStream()
                .flatMap(batch -> batch.path("events").valueStream())
                .map(event -> event.at("/body/item").asString())
                .toList();
    }

    private Caller.Answer add(String product, String kind, Object body) {
        return caller.exchange(
                "POST",
                "/internal/tenants/" + caller.tenant() + "/products/" + product + "/events/" + kind,
                body,
                Map.of("authorization", "Bearer " + Servers.SERVICE_CREDENTIAL));
    }

    @Test
    void keepsEventsInTheirOrderForWhoeverAsksLater() {
        story.addEvents(product, interaction("u1", "tent"), interaction("u2", "lamp"));
        story.addEvents(product, Map.of("user", 7, "item", "rope", "value", 2.5, "time", 1767225600, "type", "view"));

        JsonNode answer = new Follower().poll(0);

        assertThat(sequences(answer)).containsExactly(1L, 2L, 3L);
        assertThat(items(answer)).containsExactly("tent", "lamp", "rope");
        assertThat(answer.path("more").asBoolean()).isFalse();
        JsonNode last = answer.at("/batches/0/events/2");
        assertThat(last.path("kind").asString()).isEqualTo("interactions");
        assertThat(last.path("body"))
                .isEqualTo(
                        JSON.readTree(
                                "{\"user\": \"7\", \"item\": \"rope\", \"value\": 2.5, \"time\": 1767225600000, \"type\": \"view\"}"));
    }

    @Test
    void readsOnFromWhereAWorkerIs() {
        story.addEvents(product, interaction("u", "a"), interaction("u", "b"), interaction("u", "c"));

        assertThat(items(new Follower().poll(2))).containsExactly("c");
        // The database was restored from a backup: the worker's past is another one.
        assertThat(items(new Follower().poll(99))).containsExactly("a", "b", "c");
        assertThat(items(new Follower().poll(2, position(caller, product, 0)))).containsExactly("b", "c");
    }

    @Test
    void answersAsSoonAsSomethingHappens() {
        Follower follower = new Follower();
        Instant start = Instant.now();
        var waiting = later(() -> follower.poll(0));
        assertThat(waiting.copy().orTimeout(500, TimeUnit.MILLISECONDS)).failsWithin(Duration.ofSeconds(2));

        var adding = later(() -> story.addEvents(product, interaction("u", "a")));

        assertThat(items(waiting.join())).containsExactly("a");
        assertThat(Duration.between(start, Instant.now())).isLessThan(EventPoll.PATIENCE);
        adding.join();
    }

    @Test
    void tellsTheCallerOnceEveryWorkerHasTheEvents() {
        Follower quick = new Follower();
        Follower slow = new Follower();
        story.addEvents(product, interaction("u", "a"));
        quick.poll(0);
        slow.poll(0);

        var adding = later(() -> story.addEvents(product, interaction("u", "b")));
        assertThat(items(quick.poll(1))).containsExactly("b");
        assertThat(items(slow.poll(1))).containsExactly("b");
        var quickGoesOn = later(() -> quick.poll(2));
        assertThat(adding.copy().orTimeout(300, TimeUnit.MILLISECONDS))
                .as("the other worker has not acknowledged")
                .failsWithin(Duration.ofSeconds(1));
        var slowGoesOn = later(() -> slow.poll(2));

        assertThat(adding.join().expect(200).body()).isEqualTo(JSON.readTree("{\"accepted\": 1, \"applied\": true}"));
        quickGoesOn.join();
        slowGoesOn.join();
    }

    @Test
    void tellsTheCallerOnlyOnceAnswersFollow() {
        Follower follower = new Follower();
        story.addEvents(product, interaction("u", "a"));
        follower.poll(0);

        var adding = later(() -> add(product, "items", items("lamp", "a lamp")));
        assertThat(sequences(follower.poll(1))).containsExactly(2L);
        var workingOnIt = later(() -> follower.poll(1000, position(caller, product, 2, Map.of("items", 2L))));
        assertThat(adding.copy().orTimeout(300, TimeUnit.MILLISECONDS))
                .as("the worker has it, and does not answer by it yet")
                .failsWithin(Duration.ofSeconds(1));
        workingOnIt.cancel(true);
        // What needs no work passes it.
        var passing = later(() -> story.addEvents(product, interaction("u", "b")));
        assertThat(sequences(follower.poll(1000, position(caller, product, 2, Map.of("items", 2L)))))
                .containsExactly(3L);
        var stillWorking = later(() -> follower.poll(1000, position(caller, product, 3, Map.of("items", 2L))));
        passing.join().expect(200);
        assertThat(adding).isNotDone();
        var done = later(() -> follower.poll(3));

        adding.join().expect(200);
        stillWorking.join();
        done.join();
    }

    @Test
    void passesOverNothingThatIsSaidOfAnItem() {
        add(product, "items", items("lamp", "a lamp"));
        story.addEvents(product, interaction("u", "a"), interaction("u", "b"), interaction("u", "c"));

        assertThat(sequences(new Follower().poll(2, position(caller, product, 0))))
                .containsExactly(1L, 3L, 4L);
        assertThat(sequences(new Follower().poll(2, position(caller, product, 1))))
                .containsExactly(3L, 4L);
        add(product, "items", items("lamp", "a lantern"));
        story.addEvents(product, interaction("u", "d"), interaction("u", "e"));
        assertThat(sequences(new Follower().poll(1, position(caller, product, 0))))
                .as("of what is said of the same the last alone")
                .containsExactly(5L, 7L);
    }

    @Test
    void readsLargeEventsInPieces() {
        String words = "x".repeat(9_900);
        List<Object> large = IntStream.range(0, 90)
                .<Object>mapToObj(i -> Map.of("item", "i" + i, "attributes", Map.of("title", words)))
                .toList();
        for (int i = 0; i < 10; i++) {
            assertThat(add(product, "items", Map.of("items", large)).status()).isIn(200, 202);
        }
        Follower follower = new Follower();

        JsonNode first = follower.poll(0);
        assertThat(first.path("more").asBoolean()).isTrue();
        List<Long> read = new ArrayList<>(sequences(first));
        assertThat(read).hasSizeBetween(800, 899);
        read.addAll(sequences(follower.poll(read.getLast())));
        assertThat(read).hasSize(900).doesNotHaveDuplicates();
    }

    private static Map<String, Object> items(String id, String title) {
        return Map.of(
                "items",
                List.of(Map.of("item", id, "attributes", Map.of("title", title, "price", 3, "colour", "red"))));
    }

    private static <T> CompletableFuture<T> later(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> Thread.ofVirtual().start(task));
    }

    @Test
    void doesNotWaitForeverForAWorkerThatDoesNotTakeThem() {
        Follower follower = new Follower();
        story.addEvents(product, interaction("u", "a"));
        follower.poll(0);
        Instant start = Instant.now();

        var answer = story.addEvents(product, interaction("u", "b")).expect(202);

        assertThat(answer.body()).isEqualTo(JSON.readTree("{\"accepted\": 1, \"applied\": false}"));
        assertThat(Duration.between(start, Instant.now())).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(4));
    }

    @Test
    void waitsForNoWorkerThatHasLeft() {
        Follower leaving = new Follower();
        Follower staying = new Follower();
        story.addEvents(product, interaction("u", "a"));
        leaving.poll(0);
        staying.poll(0);

        leaving.leave();
        var adding = later(() -> story.addEvents(product, interaction("u", "b")));
        assertThat(items(staying.poll(1))).containsExactly("b");
        var goesOn = later(() -> staying.poll(2));

        adding.join().expect(200);
        goesOn.join();
    }

    @Test
    void storesNothingOfARequestWithABadEvent() {
        var refused = add(
                        product,
                        "interactions",
                        Map.of("interactions", List.of(interaction("u", "a"), Map.of("item", "b"))))
                .expect(422);

        assertThat(refused.body().at("/errors/0/field").asString()).isEqualTo("interactions[1].user");
        add(product, "interactions", "{\"interactions\": [").expect(400);
        add(product, "interactions", "[]").expect(400);
        assertThat(rows(caller.tenant())).isZero();
    }

    @Test
    void takesOnlyWhatTheTaskDoes() {
        String texts = story.product();
        Map<String, Object> body = Map.of("interactions", List.of(interaction("u", "a")));

        var refused = add(texts, "interactions", body).expect(404);

        assertThat(refused.string("detail")).isEqualTo("A product of text-classification takes no interactions.");
        add(product, "views", body).expect(404);
        add(UUID.randomUUID().toString(), "interactions", body).expect(404);
        assertThat(rows(caller.tenant())).isZero();
    }

    /** Whatever a reader has seen up to a number, it has missed none before it. */
    @Test
    void showsNoNumberBeforeAllSmallerOnes() {
        int requests = 40;
        List<CompletableFuture<Void>> writers = IntStream.range(0, requests)
                .mapToObj(i -> CompletableFuture.runAsync(
                        () -> add(
                                product,
                                "interactions",
                                Map.of("interactions", List.of(interaction("u" + i, "a"), interaction("u" + i, "b")))),
                        task -> Thread.ofVirtual().start(task)))
                .toList();
        Follower follower = new Follower();
        List<Long> seen = new ArrayList<>();

        while (seen.size() < 2 * requests) {
            seen.addAll(sequences(follower.poll(seen.isEmpty() ? 0 : seen.getLast())));
        }

        assertThat(seen)
                .isEqualTo(IntStream.rangeClosed(1, 2 * requests)
                        .mapToObj(Long::valueOf)
                        .toList());
        follower.leave();
        writers.forEach(CompletableFuture::join);
    }

    @Test
    void goesWithItsProduct() {
        story.addEvents(product, interaction("u", "a"));
        assertThat(rows(caller.tenant())).isEqualTo(1);

        caller.delete("/api/products/" + product).expect(204);

        assertThat(rows(caller.tenant())).isZero();
        assertThat(items(new Follower().poll(0))).isEmpty();
    }

    private long rows(UUID tenant) {
        return TenantContext.call(
                tenant,
                () -> transaction.execute(status -> jdbc.sql("select count(*) from product_event")
                        .query(Long.class)
                        .single()));
    }

    @Nested
    class OfTwoTenantsWithTheSameUsersAndItems {
        private Caller other;
        private String otherProduct;

        @BeforeEach
        void makeAnother() {
            other = Caller.ofNewTenant(port);
            otherProduct = new Story(other).product("recommendation");
            story.addEvents(product, interaction("u1", "tent"));
            new Story(other).addEvents(otherProduct, interaction("u1", "lamp"));
        }

        @Test
        void areNeverMixed() {
            JsonNode both = new Follower().poll(1000, position(caller, product, 0), position(other, otherProduct, 0));

            assertThat(both.at("/batches/0/tenant").asString())
                    .isEqualTo(caller.tenant().toString());
            assertThat(both.at("/batches/0/events").findValuesAsString("item")).containsExactly("tent");
            assertThat(both.at("/batches/1/tenant").asString())
                    .isEqualTo(other.tenant().toString());
            assertThat(both.at("/batches/1/events").findValuesAsString("item")).containsExactly("lamp");
            assertThat(rows(caller.tenant())).isEqualTo(1);
            assertThat(rows(other.tenant())).isEqualTo(1);
        }

        @Test
        void areNotFoundUnderTheOther() {
            JsonNode crossed =
                    new Follower().poll(1000, position(caller, otherProduct, 0), position(other, product, 0));

            assertThat(items(crossed)).isEmpty();
            add(otherProduct, "interactions", Map.of("interactions", List.of(interaction("u1", "rope"))))
                    .expect(404);
            caller.post(
                            "/api/products/" + otherProduct + "/dataset-versions",
                            Map.of("datasetVersion", UUID.randomUUID()))
                    .expect(404);
        }

        @Test
        void makeDatasetsOfTheirOwn() {
            String theirs = other.get(new Story(other).readyVersion(new Story(other).dataset("recommendation")))
                    .string("id");

            var refused = caller.post(
                            "/api/products/" + product + "/dataset-versions", Map.of("datasetVersion", theirs))
                    .expect(422);

            assertThat(refused.body().at("/errors/0/field").asString()).isEqualTo("datasetVersion");
            assertThat(refused.body().at("/errors/0/message").asString()).isEqualTo("does not exist");
        }
    }

    @Nested
    class AsTheNextDatasetVersion {
        private String dataset;
        private String base;

        @BeforeEach
        void upload() {
            dataset = story.dataset("recommendation");
            base = caller.get(story.readyVersion(dataset)).string("id");
        }

        private Caller.Answer extend(String version) {
            return caller.post("/api/products/" + product + "/dataset-versions", Map.of("datasetVersion", version));
        }

        private String part(JsonNode version, int index) {
            String key = TenantContext.call(
                    caller.tenant(),
                    () -> transaction.execute(status -> jdbc.sql(
                                    "select object_key from dataset_part where version_id = ? and name = ?")
                            .params(
                                    UUID.fromString(version.path("id").asString()),
                                    version.at("/parts/" + index + "/name").asString())
                            .query(String.class)
                            .single()));
            try (var store = Servers.running().objectStore()) {
                return new String(store.get(key), StandardCharsets.UTF_8);
            }
        }

        @Test
        void standsBesideTheFilesOfTheVersionBeforeInItsColumns() {
            story.addEvents(
                    product,
                    Map.of("user", "u1", "item", "tent", "value", 3, "time", 1767225600, "type", "purchase"),
                    Map.of("user", "ü2", "item", "lamp", "time", 1767225601));

            var made = extend(base).expect(201);

            String path = "/api/datasets/" + dataset + "/versions/2";
            assertThat(made.headers()).containsEntry("location", path);
            JsonNode version = caller.awaitState(path, "READY").body();
            assertThat(version.path("parts").findValuesAsString("name"))
                    .containsExactly("interactions-" + product + ".jsonl", "messages.csv");
            assertThat(version.at("/parts/0/lastEventSequence").asLong()).isEqualTo(2);
            assertThat(version.at("/parts/0/split").asString())
                    .as("the base says which of its rows are for training")
                    .isEqualTo("TRAIN");
            assertThat(part(version, 0)).isEqualTo("""
                    {"visitor":"u1","sku":"tent","at":1767225600000,"event":"purchase"}
                    {"visitor":"ü2","sku":"lamp","at":1767225601000,"event":null}
                    """);
            assertThat(part(version, 1)).isEqualTo("message,intent\nhello,greet\n");
            assertThat(version.at("/mapping/columnsByRole/user/0").asString()).isEqualTo("visitor");
            assertThat(version.at("/mapping/columnsByRole").path("value"))
                    .as("what no column had in the base is not guessed now")
                    .isEqualTo(JsonNodeFactory.instance.arrayNode());
        }

        @Test
        void holdsEachEventOnce() {
            story.addEvents(product, interaction("u1", "tent"));
            extend(base).expect(201);
            String path = "/api/datasets/" + dataset + "/versions/";
            String second = caller.awaitState(path + 2, "READY").string("id");
            story.addEvents(product, interaction("u1", "lamp"));

            extend(second).expect(201);

            JsonNode third = caller.awaitState(path + 3, "READY").body();
            assertThat(third.path("parts")).hasSize(2);
            assertThat(part(third, 0).lines()).hasSize(2);
            assertThat(third.at("/parts/0/lastEventSequence").asLong()).isEqualTo(2);
        }

        @Test
        void holdsTheNewestThatWasSaidOfEachItemWhereFilesSaySomething() {
            story.addEvents(product, interaction("u1", "lamp"));
            add(product, "items", items("lamp", "a lamp"));
            add(product, "items", items("tent", "a tent"));
            add(product, "items", items("lamp", "a lantern"));
            String described = caller.get(story.readyVersion(dataset, Map.of("items.csv", "number,title,price\n")))
                    .string("id");

            extend(described).expect(201);

            JsonNode made = caller.awaitState("/api/datasets/" + dataset + "/versions/3", "READY")
                    .body();
            assertThat(made.path("parts").findValuesAsString("name"))
                    .containsExactly(
                            "interactions-" + product + ".jsonl",
                            "items." + product + ".jsonl",
                            "items.csv",
                            "messages.csv");
            assertThat(part(made, 1)).isEqualTo("""
                    {"number":"tent","title":"a tent","price":"3"}
                    {"number":"lamp","title":"a lantern","price":"3"}
                    """);
            assertThat(made.at("/parts/1/split").isMissingNode()
                            || made.at("/parts/1/split").isNull())
                    .isTrue();
            assertThat(made.at("/parts/1/lastEventSequence").asLong()).isEqualTo(4);
            // A version without a file of items has no columns for them.
            extend(base).expect(201);
            assertThat(caller.awaitState("/api/datasets/" + dataset + "/versions/4", "READY")
                            .body()
                            .path("parts"))
                    .hasSize(2);
        }

        @Test
        void outlivesTheVersionBefore() {
            story.addEvents(product, interaction("u1", "tent"));
            JsonNode made = extend(base).expect(201).body();
            caller.awaitState("/api/datasets/" + dataset + "/versions/2", "READY");

            caller.delete("/api/datasets/" + dataset + "/versions/1").expect(204);

            assertThat(part(made, 1)).startsWith("message,intent");
        }

        @Test
        void needsEventsAndAVersionThatFits() {
            assertThat(extend(base).expect(409).string("detail")).isEqualTo("The product has no interactions yet.");
            story.addEvents(product, interaction("u1", "tent"));
            String texts = story.readyVersion();
            String open = caller.get(story.uploadedVersion(dataset)).string("id");

            assertThat(extend(texts).expect(422).body().at("/errors/0/message").asString())
                    .isEqualTo("is for text-classification; the product needs recommendation");
            assertThat(extend(open).expect(422).body().at("/errors/0/message").asString())
                    .startsWith("is UPLOADING");
            caller.post("/api/products/" + story.product() + "/dataset-versions", Map.of("datasetVersion", texts))
                    .expect(409);
            caller.post("/api/products/" + product + "/dataset-versions", Map.of())
                    .expect(422);
        }
    }
}
