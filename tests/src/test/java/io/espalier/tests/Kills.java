package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;

/**
 * {@code kill -9} in the middle of jobs: each job completes, exactly one model version exists, and its weights equal those of
 * a job that nobody disturbed.
 */
final class Kills {
    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final int LATEST_MOMENT_MILLIS = 6_000;
    private static final Map<String, Object> RECIPE =
            Map.of("epochs", 3, "batchSize", 8, "precision", "fp32", "seed", 7, "earlyStoppingPatience", 0);

    private final Shop shop;
    private final String datasetVersion;
    private final String undisturbedWeights;

    /** Trains one job in peace. */
    Kills(Shop shop) {
        this.shop = shop;
        this.datasetVersion = shop.upload(shop.dataset("text-classification"), "messages.csv", Shop.messages(200, 3));
        String product = product();
        succeed(shop.train(product, datasetVersion, RECIPE));
        this.undisturbedWeights = weights(product);
    }

    /**
     * Each victim once; with {@code -Despalier.kills=30 -Despalier.seed=1} so many at random, as {@code
     * tests/benchmarks/kills} does.
     */
    Stream<DynamicTest> of(List<String> victims, Consumer<String> kill) {
        Random random = new Random(Long.getLong("espalier.seed", 11));
        int kills = Integer.getInteger("espalier.kills", 0);
        List<String> chosen = kills == 0
                ? victims
                : random.ints(kills, 0, victims.size()).mapToObj(victims::get).toList();
        return chosen.stream()
                .map(victim -> dynamicTest(
                        victim,
                        () -> completesThough(
                                () -> kill.accept(victim), Duration.ofMillis(random.nextInt(LATEST_MOMENT_MILLIS)))));
    }

    private void completesThough(Runnable kill, Duration afterTrainingBegan) {
        String product = product();
        String job = shop.train(product, datasetVersion, RECIPE);
        shop.api()
                .await(
                        "/api/training-jobs/" + job,
                        PATIENCE,
                        json -> json.get("state").asString().equals("TRAINING"));
        Api.pause(afterTrainingBegan);

        kill.run();

        succeed(job);
        JsonNode versions =
                shop.api().get("/api/products/" + product + "/versions").json().get("items");
        assertThat(versions.size()).isEqualTo(1);
        assertThat(weights(product)).isEqualTo(undisturbedWeights);
    }

    private void succeed(String job) {
        JsonNode ended = shop.awaitEnd(job, PATIENCE);
        assertThat(ended.get("state").asString()).as(ended.toString()).isEqualTo("SUCCEEDED");
    }

    private String product() {
        return shop.product("text-classification").get("id").asString();
    }

    private String weights(String product) {
        return shop.api()
                .get("/api/products/" + product + "/versions/1")
                .expect(200)
                .json()
                .at("/lineage/weightsSha256")
                .asString();
    }
}
