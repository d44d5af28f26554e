package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.espalier.tests.Api.Answer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/**
 * {@code kill -9} of each process in the middle of a job: the job completes, exactly one model version exists, and its
 * weights equal those of a run that nobody disturbed.
 */
@ExtendWith(SharedInstallation.class)
class KillE2ET {
    private static final Duration PATIENCE = Duration.ofMinutes(6);
    private static final Map<String, Object> RECIPE =
            Map.of("epochs", 3, "batchSize", 8, "precision", "fp32", "seed", 7, "earlyStoppingPatience", 0);

    private static final List<String> VICTIMS = List.of(
            "training-worker",
            "trial",
            "control-plane",
            "gateway",
            "inference-worker",
            "postgres",
            "temporal",
            "s3",
            "launcher");

    private static Installation installation;
    private static Shop shop;
    private static String version;
    private static String undisturbedWeights;

    @BeforeAll
    static void trainUndisturbed(Installation shared) {
        installation = shared;
        shop = Shop.open(shared.origin(), shared.operatorCredential());
        version = shop.upload(shop.dataset("text-classification"), "messages.csv", Shop.messages(200, 3));
        String product = shop.product("text-classification").get("id").asString();
        JsonNode job = shop.awaitEnd(shop.train(product, version, RECIPE), PATIENCE);
        assertThat(job.get("state").asString()).as(job.toString()).isEqualTo("SUCCEEDED");
        undisturbedWeights = weights(product);
    }

    /** Each once; with {@code -Despalier.kills=30 -Despalier.seed=1} so many at random, as {@code tests/benchmarks/kills} does. */
    @TestFactory
    Stream<DynamicTest> completesTheJobAfterTheDeathOf() {
        Random random = new Random(Long.getLong("espalier.seed", 11));
        int kills = Integer.getInteger("espalier.kills", 0);
        List<String> victims = kills == 0
                ? VICTIMS
                : random.ints(kills, 0, VICTIMS.size()).mapToObj(VICTIMS::get).toList();
        return victims.stream().map(victim -> dynamicTest(victim, () -> completesAfterTheDeathOf(victim, random)));
    }

    private void completesAfterTheDeathOf(String victim, Random moment) {
        String product = shop.product("text-classification").get("id").asString();
        String job = shop.train(product, version, RECIPE);
        shop.api()
                .await(
                        "/api/training-jobs/" + job,
                        PATIENCE,
                        json -> json.get("state").asString().equals("TRAINING"));
        Api.pause(Duration.ofMillis(moment.nextInt(6_000)));

        installation.kill(victim);
        JsonNode ended = shop.awaitEnd(job, PATIENCE);

        assertThat(ended.get("state").asString()).as(ended.toString()).isEqualTo("SUCCEEDED");
        assertThat(shop.api()
                        .get("/api/products/" + product + "/versions")
                        .json()
                        .get("items")
                        .size())
                .isEqualTo(1);
        assertThat(weights(product)).isEqualTo(undisturbedWeights);
    }

    private static String weights(String product) {
        Answer answer =
                shop.api().get("/api/products/" + product + "/versions/1").expect(200);
        return answer.json().at("/lineage/weightsSha256").asString();
    }
}
