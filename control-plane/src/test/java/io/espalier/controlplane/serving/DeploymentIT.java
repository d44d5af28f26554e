package io.espalier.controlplane.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.route.RouteTable;
import io.espalier.contracts.route.WorkerReport;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.RouteTableReader;
import io.espalier.controlplane.fixture.Servers;
import io.espalier.controlplane.fixture.Story;
import io.espalier.controlplane.platform.TenantContext;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ControlPlaneTest
@Timeout(90)
class DeploymentIT {
    private static final URI ADDRESS = URI.create("http://10.0.0.9:9000");

    @AutoClose
    private static final FakeWorker trainer = new FakeWorker();

    @LocalServerPort
    private int port;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private Caller caller;
    private Story story;
    private String productPath;
    private String path;
    private UUID product;
    private String data;

    @BeforeEach
    void makeAProduct() {
        caller = Caller.ofNewTenant(port);
        story = new Story(caller);
        product = UUID.fromString(story.product());
        productPath = "/api/products/" + product;
        path = productPath + "/deployment";
        data = story.readyVersion();
    }

    private void train() {
        caller.awaitState(story.job(product.toString(), data), "SUCCEEDED");
    }

    private Caller.Answer deploy(int version) {
        return caller.put(path, Map.of("version", version));
    }

    private int deployed() {
        return caller.get(path).expect(200).body().at("/variants/0/version").asInt();
    }

    @Test
    void isNothingBeforeTheFirst() {
        assertThat(caller.get(path).expect(404).string("detail")).isEqualTo("There is no such deployment.");
        caller.delete(path).expect(404);
        caller.post(path + "/rollback").expect(409);
    }

    @Test
    void refusesVersionsThatDoNotExist() {
        train();

        var missing = deploy(2).expect(422);
        var none = caller.put(path, Map.of()).expect(422);

        assertThat(missing.body().at("/errors/0/field").asString()).isEqualTo("version");
        assertThat(none.body().at("/errors/0/field").asString()).isEqualTo("version");
        caller.get(path).expect(404);
    }

    @Test
    void doesNotServeTheVersionOfAnotherProduct() {
        train();
        String other = "/api/products/" + story.product() + "/deployment";

        caller.put(other, Map.of("version", 1)).expect(422);
    }

    @Test
    void reachesTheGatewaysAtOnce() {
        train();
        var version = caller.get(productPath + "/versions/1").expect(200);
        try (var routes = new RouteTableReader(port)) {
            routes.await(table -> variants(table) != null && variants(table).isEmpty());

            deploy(1).expect(200);

            var table = routes.await(newest -> !variants(newest).isEmpty());
            var variant = variants(table).getFirst();
            assertThat(variants(table)).hasSize(1);
            assertThat(variant.model()).hasToString(version.string("id"));
            assertThat(variant.modelVersion()).isEqualTo(1);
            assertThat(variant.bundle().sha256()).isEqualTo(version.string("sha256"));
            assertThat(variant.bundle().bytes()).isEqualTo(FakeWorker.BUNDLE.length);
            assertThat(variant.bundle().objectKey()).startsWith(ObjectKeys.tenant(caller.tenant()));

            caller.delete(path).expect(204);

            routes.await(newest -> variants(newest).isEmpty());
            caller.get(path).expect(404);
        }
    }

    private List<RouteTable.Variant> variants(RouteTable table) {
        return table.products().stream()
                .filter(known -> known.product().equals(product))
                .findFirst()
                .map(RouteTable.Product::variants)
                .orElse(null);
    }

    @Test
    void changesNothingWhereTheVersionIsDeployedAlready() {
        train();
        var first = deploy(1).expect(200);

        var again = deploy(1).expect(200);

        assertThat(again.string("deployedAt")).isEqualTo(first.string("deployedAt"));
        caller.post(path + "/rollback").expect(409);
    }

    @Test
    void goesBackToTheVersionBefore() {
        train();
        train();
        deploy(1).expect(200);
        deploy(2).expect(200);

        var back = caller.post(path + "/rollback").expect(200);

        assertThat(back.body().at("/variants/0/version").asInt()).isEqualTo(1);
        assertThat(deployed()).isEqualTo(1);
    }

    @Test
    void goesFurtherBackEveryTime() {
        train();
        train();
        train();
        deploy(1).expect(200);
        deploy(2).expect(200);
        deploy(3).expect(200);

        caller.post(path + "/rollback").expect(200);
        assertThat(deployed()).isEqualTo(2);
        caller.delete(path).expect(204);
        caller.post(path + "/rollback").expect(200);
        assertThat(deployed()).isEqualTo(2);
        caller.post(path + "/rollback").expect(200);
        assertThat(deployed()).isEqualTo(1);
        caller.post(path + "/rollback").expect(409);

        deploy(3).expect(200);
        caller.post(path + "/rollback").expect(200);
        assertThat(deployed()).isEqualTo(1);
    }

    @Test
    void goesBackIntoServiceAfterAWithdrawal() {
        train();
        train();
        deploy(1).expect(200);
        deploy(2).expect(200);
        caller.delete(path).expect(204);

        caller.post(path + "/rollback").expect(200);

        assertThat(deployed()).isEqualTo(2);
    }

    @Test
    void cannotGoBackToADeletedVersion() {
        train();
        train();
        deploy(1).expect(200);
        deploy(2).expect(200);
        caller.delete(productPath + "/versions/1").expect(204);

        caller.post(path + "/rollback").expect(409);

        assertThat(deployed()).isEqualTo(2);
    }

    @Test
    void protectsItsVersionFromDeletion() {
        train();
        deploy(1).expect(200);

        var refused = caller.delete(productPath + "/versions/1").expect(409);

        assertThat(refused.string("detail")).contains("withdraw it first");
        caller.get(productPath + "/versions/1/bundle").expect(200);
        caller.delete(path).expect(204);
        caller.delete(productPath + "/versions/1").expect(204);
    }

    @Test
    void protectsAVersionThatIsBeingDeployedJustNow() {
        train();
        UUID model = UUID.fromString(caller.get(productPath + "/versions/1").string("id"));
        CompletableFuture<Caller.Answer> deletion = new CompletableFuture<>();

        TenantContext.run(
                caller.tenant(),
                () -> transaction.executeWithoutResult(status -> {
                    jdbc.sql("""
                                    insert into deployment (tenant_id, id, product_id, model_version_id, created_at)
                                    values (?, gen_random_uuid(), ?, ?, now())""").params(caller.tenant(), product, model).update();
                    deletion.completeAsync(() -> caller.delete(productPath + "/versions/1"));
                    // Time for a deletion that does not wait to make up its mind.
                    assertThat(deletion.copy().orTimeout(1, TimeUnit.SECONDS)).failsWithin(Duration.ofSeconds(5));
                }));

        deletion.join().expect(409);
        assertThat(deployed()).isEqualTo(1);
    }

    @Test
    void letsItsOwnerTakeTheModelHome() {
        train();
        var version = caller.get(productPath + "/versions/1").expect(200);

        var bundle = caller.get(productPath + "/versions/1/bundle").expect(200);

        assertThat(bundle.text()).isEqualTo(new String(FakeWorker.BUNDLE, StandardCharsets.UTF_8));
        assertThat(bundle.headers())
                .containsEntry("content-type", "application/zip")
                .containsEntry("content-length", Integer.toString(FakeWorker.BUNDLE.length))
                .containsEntry("etag", "\"" + version.string("sha256") + "\"")
                .containsEntry("content-disposition", "attachment; filename=\"model-%s-v1.zip\"".formatted(product));
        caller.get(productPath + "/versions/2/bundle").expect(404);
    }

    @Test
    void goesWithTheProductAndItsObjects() {
        train();
        deploy(1).expect(200);
        String jobs = ObjectKeys.tenant(caller.tenant()) + "jobs/";
        assertThat(objects(jobs)).isNotEmpty();
        try (var routes = new RouteTableReader(port)) {
            routes.await(table -> variants(table) != null);

            caller.delete(productPath).expect(204);

            routes.await(table -> variants(table) == null);
        }
        caller.get(path).expect(404);
        Instant end = Instant.now().plus(Duration.ofSeconds(20));
        while (!objects(jobs).isEmpty()) {
            assertThat(Instant.now()).as("objects are left: " + objects(jobs)).isBefore(end);
        }
        // The data is not the product's.
        assertThat(objects(ObjectKeys.tenant(caller.tenant()) + "datasets/")).isNotEmpty();
    }

    private static List<String> objects(String prefix) {
        try (var store = Servers.running().objectStore()) {
            return store.list(prefix);
        }
    }

    @Nested
    class WhenInferenceWorkersReport {
        // One for all, for the bundles of all tests have the same hash: it says anew what is loaded.
        private final String worker = "worker-of-DeploymentIT";

        private void report(List<String> ready, Map<String, String> failed) {
            Caller.anonymous(port)
                    .exchange(
                            "PUT",
                            "/internal/inference-workers/" + worker,
                            new WorkerReport(ADDRESS, ready, failed),
                            Map.of("authorization", "Bearer " + Servers.SERVICE_CREDENTIAL))
                    .expect(204);
        }

        @Test
        void isLoadingUntilOneIsReady() {
            train();
            report(List.of(), Map.of());
            assertThat(deploy(1).expect(200).string("state")).isEqualTo("LOADING");
            String bundle = caller.get(productPath + "/versions/1").string("sha256");

            report(List.of(bundle), Map.of());

            assertThat(caller.get(path).string("state")).isEqualTo("READY");
            try (var routes = new RouteTableReader(port)) {
                var table = routes.await(newest -> !newest.workers().isEmpty());
                assertThat(table.workers()).contains(new RouteTable.Worker(worker, ADDRESS, List.of(bundle)));
            }
        }

        @Test
        void hasFailedWhereOneCouldNotLoadIt() {
            train();
            String bundle = caller.get(productPath + "/versions/1").string("sha256");
            report(List.of(), Map.of(bundle, "The archive is damaged."));

            var failed = deploy(1).expect(200);

            assertThat(failed.string("state")).isEqualTo("FAILED");
            assertThat(failed.string("failure")).isEqualTo("The archive is damaged.");
            report(List.of(), Map.of());
            assertThat(caller.get(path).string("state")).isEqualTo("LOADING");
        }

        @Test
        void forgetsAWorkerThatIsSilentForTenSeconds() throws InterruptedException {
            report(List.of(), Map.of());
            try (var routes = new RouteTableReader(port)) {
                routes.await(this::knows);

                for (int second = 1; second < 10; second++) {
                    Thread.sleep(Duration.ofSeconds(1));
                    assertThat(knows(routes.await(table -> true))).isTrue();
                }

                routes.await(table -> !knows(table));
            }
        }

        private boolean knows(RouteTable table) {
            return table.workers().stream().anyMatch(known -> known.id().equals(worker));
        }
    }
}
