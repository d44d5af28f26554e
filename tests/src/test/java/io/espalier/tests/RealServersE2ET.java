package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ObjectStore;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The same processes against the real Temporal and MinIO servers, which are killed in the middle of a job. */
class RealServersE2ET {
    private static final Duration JOB_LIMIT = Duration.ofMinutes(6);

    private static RealServers.Minio minio;
    private static Installation installation;

    @BeforeAll
    static void startWithServersOfOurOwn() {
        RealServers.assumeBuildable();
        minio = new RealServers.Minio(
                Path.of("target", "installations", "minio").toAbsolutePath());
        Map<String, String> environment = new HashMap<>(minio.environment());
        environment.put("PATH", RealServers.temporalFolder() + ":" + System.getenv("PATH"));
        installation = Installation.start("real-servers", environment);
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
    void trainsAndServesThoughBothServersAreKilled() {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        String version = shop.upload(shop.dataset("text-classification"), "messages.csv", Shop.messages(200, 3));
        JsonNode product = shop.product("text-classification");
        String job = shop.train(product.get("id").asString(), version, Map.of("epochs", 3, "batchSize", 8));
        shop.api()
                .await(
                        "/api/training-jobs/" + job,
                        JOB_LIMIT,
                        json -> json.get("state").asString().equals("TRAINING"));

        installation.kill("temporal-server");
        minio.killAndRestart();
        JsonNode ended = shop.awaitEnd(job, JOB_LIMIT);

        assertThat(ended.get("state").asString()).as(ended.toString()).isEqualTo("SUCCEEDED");
        shop.deploy(product.get("id").asString(), 1);
        String predict = "/v1/products/" + product.get("slug").asString() + "/predict";
        shop.customer(installation.origin()).awaitStatus(predict, Map.of("inputs", "where is my parcel"), 200);
        try (ObjectStore store = installation.objectStore()) {
            assertThat(store.list("tenants/")).isNotEmpty();
        }
        assertThat(installation.data().resolve("s3")).doesNotExist();
        assertThat(installation.data().resolve("temporal/temporal.db")).exists();
    }
}
