package io.espalier.inference.event;

import static io.espalier.inference.fixture.WorkerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.route.EventPoll;
import io.espalier.contracts.route.RouteTable;
import io.espalier.inference.InferenceWorker;
import io.espalier.inference.fixture.ObjectStoreFixture;
import io.espalier.inference.fixture.WorkerFixture;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** A worker whose answers follow what happens to the products that it serves. */
@Timeout(60)
class EventFeedIT {
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    static Path shared;

    private static ObjectStoreFixture objects;

    @TempDir
    Path data;

    private WorkerFixture fixture;
    private Shop shop;

    /** A product with two model versions. */
    private record Shop(UUID tenant, UUID product, RouteTable.Bundle first, RouteTable.Bundle second) {
        static Shop make() throws Exception {
            UUID tenant = UUID.randomUUID();
            UUID product = UUID.randomUUID();
            return new Shop(
                    tenant,
                    product,
                    objects.publishNeighbours(tenant, product),
                    objects.publishNeighbours(tenant, product));
        }

        RouteTable.Product serving(RouteTable.Bundle... bundles) {
            return new RouteTable.Product(
                    tenant,
                    product,
                    "shop",
                    "recommendation",
                    Arrays.stream(bundles)
                            .map(bundle -> new RouteTable.Variant(UUID.randomUUID(), 1, bundle, 1))
                            .toList());
        }
    }

    @BeforeAll
    static void openStore() throws Exception {
        objects = new ObjectStoreFixture(shared);
    }

    @AfterAll
    static void closeStore() throws Exception {
        objects.close();
    }

    @BeforeEach
    void deploy() throws Exception {
        fixture = new WorkerFixture(objects, data);
        shop = Shop.make();
        publish(1, shop.serving(shop.first()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void publish(long version, RouteTable.Product... products) {
        fixture.controlPlane().publish(new RouteTable(version, List.of(), List.of(products), List.of()));
    }

    private List<String> ask(RouteTable.Bundle bundle, String user) {
        try {
            var answer = fixture.predict(
                    bundle, "{\"inputs\": {\"user\": \"" + user + "\"}, \"parameters\": {\"top_k\": 1}}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
            List<String> items = new ArrayList<>();
            JSON.readTree(answer.body())
                    .forEach(item -> items.add(item.get("item").asString()));
            return items;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private void awaitAcknowledged(Shop of, long sequence) {
        await(() -> fixture.controlPlane().polls().stream()
                .flatMap(poll -> poll.positions().stream())
                .anyMatch(position ->
                        position.product().equals(of.product()) && position.follows("interactions", sequence)));
    }

    private void awaitReported(RouteTable.Bundle bundle) {
        await(() -> fixture.report() != null && fixture.report().readyBundles().contains(bundle.sha256()));
    }

    @Test
    void answersByWhatHasHappenedOnceItHasSaidSo() {
        fixture.startReady();
        assertThat(ask(shop.first(), "new")).containsExactly("i00");

        fixture.controlPlane().happened(shop.product(), "new", "i05");
        awaitAcknowledged(shop, 1);

        assertThat(ask(shop.first(), "new")).containsExactly("i04");
        assertThat(ask(shop.first(), "other")).containsExactly("i00");
    }

    @Test
    void isNotReadyBeforeItHasReadAllBack() {
        for (int i = 0; i < 9; i++) {
            fixture.controlPlane().happened(shop.product(), "new", "i0" + i);
        }

        fixture.startReady();

        assertThat(ask(shop.first(), "new")).containsExactly("i09");
    }

    @Test
    void knowsAllAgainAfterARestart() {
        fixture.startReady();
        fixture.controlPlane().happened(shop.product(), "new", "i05");
        awaitAcknowledged(shop, 1);
        fixture.stopWorker();

        fixture.startReady();

        assertThat(ask(shop.first(), "new")).containsExactly("i04");
    }

    @Test
    void keepsItThroughDeploymentsAndRollBacks() {
        fixture.startReady();
        fixture.controlPlane().happened(shop.product(), "new", "i05");
        awaitAcknowledged(shop, 1);

        publish(2, shop.serving(shop.second()));
        awaitReported(shop.second());
        assertThat(ask(shop.second(), "new")).containsExactly("i04");
        publish(3, shop.serving());
        await(() -> fixture.report().readyBundles().isEmpty());
        fixture.controlPlane().happened(shop.product(), "new", "i04");
        publish(4, shop.serving(shop.first()));
        awaitReported(shop.first());

        assertThat(ask(shop.first(), "new")).containsExactly("i03");
    }

    @Test
    void bringsAnEvictedModelBackWithItsEvents() {
        publish(1, shop.serving(shop.first(), shop.second()));
        await(fixture.start(40 << 20, 512)::isReady);
        fixture.controlPlane().happened(shop.product(), "new", "i05");
        awaitAcknowledged(shop, 1);

        for (int i = 0; i < 3; i++) {
            assertThat(ask(shop.first(), "new")).containsExactly("i04");
            assertThat(ask(shop.second(), "new")).containsExactly("i04");
        }
    }

    @Test
    void keepsTheEventsOfTwoTenantsApart() throws Exception {
        Shop other = Shop.make();
        publish(2, shop.serving(shop.first()), other.serving(other.first()));
        fixture.startReady();

        fixture.controlPlane().happened(shop.product(), "new", "i05");
        fixture.controlPlane().happened(other.product(), "new", "i08");
        awaitAcknowledged(shop, 1);
        awaitAcknowledged(other, 1);

        assertThat(ask(shop.first(), "new")).containsExactly("i04");
        assertThat(ask(other.first(), "new")).containsExactly("i07");
    }

    @Test
    void servesWithoutTheControlPlane() {
        fixture.startReady();
        fixture.stopWorker();

        InferenceWorker again = fixture.start(NOBODY, 1 << 30, 512);

        await(again::isReady);
        assertThat(ask(shop.first(), "known")).containsExactly("i02");
    }

    @Test
    void catchesUpWhenTheControlPlaneAnswersAgain() {
        fixture.controlPlane().holdEventsBack(true);
        fixture.controlPlane().happened(shop.product(), "new", "i05");
        fixture.startReady();
        assertThat(ask(shop.first(), "new")).containsExactly("i00");

        fixture.controlPlane().holdEventsBack(false);
        awaitAcknowledged(shop, 1);

        assertThat(ask(shop.first(), "new")).containsExactly("i04");
    }

    @Test
    void saysThatItFollowsNothingAnyMoreWhenItStops() {
        fixture.startReady();
        await(() -> !fixture.controlPlane().polls().isEmpty());

        fixture.stopWorker();

        EventPoll last = fixture.controlPlane().polls().getLast();
        assertThat(last.positions()).isEmpty();
        assertThat(fixture.controlPlane().polls().getFirst().positions())
                .containsExactly(new EventPoll.Position(shop.tenant(), shop.product(), 0, Map.of()));
    }

    @Test
    void keepsNoMoreInMemoryThanItMay() throws Exception {
        fixture.startReady();
        assertThat(fixture.controlPlane().polls().getFirst().most()).isEqualTo(10_000);
        fixture.controlPlane().answerEventsAtOnce(1000);
        for (int user = 0; user < 10_050; user++) {
            fixture.controlPlane().happened(shop.product(), "u" + user, "i05");
        }

        awaitAcknowledged(shop, 10_050);

        assertThat(Double.parseDouble(fixture.metric("espalier_inference_recent_events")))
                .isEqualTo(10_000);
        assertThat(ask(shop.first(), "u10049")).containsExactly("i04");
        assertThat(ask(shop.first(), "u0")).containsExactly("i00");
    }
}
