package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectStore;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import tools.jackson.databind.JsonNode;

/** The same processes, and the same {@link Kills}, against the real Temporal and MinIO servers. */
@Order(2)
class RealServersE2ET {
    private static final List<String> VICTIMS = List.of(
            "training-worker",
            "trial",
            "control-plane",
            "gateway",
            "inference-worker",
            "postgres",
            "temporal-server",
            "minio",
            "launcher");

    private static RealServers.Minio minio;
    private static Installation installation;
    private static Shop shop;

    @BeforeAll
    static void startWithServersOfOurOwn() {
        RealServers.assumeBuildable();
        minio = new RealServers.Minio(
                Path.of("target", "installations", "minio").toAbsolutePath());
        Map<String, String> environment = new HashMap<>(minio.environment());
        environment.put("PATH", RealServers.temporalFolder() + ":" + System.getenv("PATH"));
        environment.put("ESPALIER_CHECKPOINT_SECONDS", "3");
        installation = Installation.start("real-servers", environment);
        shop = Shop.open(installation.origin(), installation.operatorCredential());
    }

    @AfterAll
    static void stop() {
        if (installation != null) {
            installation.close();
        }
        if (minio != null) {
            minio.close();
        }
    }

    @Test
    void trainsAndServes() {
        String version = shop.upload(shop.dataset("text-classification"), "messages.csv", Shop.messages(200, 3));
        JsonNode product = shop.product("text-classification");
        JsonNode job = shop.trainAndDeploy(product.get("id").asString(), version, Map.of("epochs", 1, "batchSize", 8));

        String predict = "/v1/products/" + product.get("slug").asString() + "/predict";
        Api customer = shop.customer(installation.origin());
        customer.awaitStatus(predict, Map.of("inputs", "where is my parcel"), 200);
        EvaluatedRows.of(installation, shop.ref(job.get("id").asString())).assertServed(customer, predict);
        try (ObjectStore store = installation.objectStore()) {
            assertThat(store.list("tenants/")).isNotEmpty();
        }
        assertThat(installation.data().resolve("s3")).doesNotExist();
        assertThat(installation.data().resolve("temporal/temporal.db")).exists();
    }

    @TestFactory
    Stream<DynamicTest> completesTheJobAfterTheDeathOf() {
        return new Kills(shop, installation, Kills.Subject.texts()).of(VICTIMS, victim -> {
            if (victim.equals("minio")) {
                minio.killAndRestart();
                return true;
            }
            return installation.kill(victim);
        });
    }
}
