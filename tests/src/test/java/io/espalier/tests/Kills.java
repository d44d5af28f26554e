package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import tools.jackson.databind.JsonNode;

/**
 * {@code kill -9} at random moments of jobs, from their creation to their end: each job completes, exactly one model version
 * exists, its weights equal those of a job that nobody disturbed, its bundle is there, and what only the running job needed
 * is gone.
 */
final class Kills {
    /** Of jobs that were over before the moment came; each try aims at an earlier one. */
    private static final int TRIES = 5;

    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(50);
    /** Cleaning may wait for a worker that was killed just before. */
    private static final Duration CLEANING_LIMIT = Duration.ofMinutes(1);

    /** What is trained: a file of one task, so that a job takes some ten seconds. */
    record Subject(String task, String file, byte[] data, Map<String, Object> recipe) {
        static Subject texts() {
            return new Subject(
                    "text-classification",
                    "messages.csv",
                    Shop.messages(200, 3),
                    Map.of("epochs", 2, "batchSize", 8, "precision", "fp32", "seed", 7, "earlyStoppingPatience", 0));
        }

        /** With all that is random in a training on pictures. */
        static Subject pictures() {
            return new Subject(
                    "image-classification",
                    "bars.zip",
                    Pictures.zip(Pictures.bars(200)),
                    Map.ofEntries(
                            Map.entry("epochs", 12),
                            Map.entry("imageSize", 32),
                            Map.entry("width", 8),
                            Map.entry("rotation", 10),
                            Map.entry("leastScale", 0.7),
                            Map.entry("colorJitter", 0.2),
                            Map.entry("mixup", 0.2),
                            Map.entry("cutmix", 0.5),
                            Map.entry("precision", "fp32"),
                            Map.entry("seed", 7)));
        }
    }

    private final Shop shop;
    private final Installation installation;
    private final Subject subject;
    private final String datasetVersion;
    private final String undisturbedWeights;
    private Duration undisturbedLength;

    /** Trains one job in peace. */
    Kills(Shop shop, Installation installation, Subject subject) {
        this.shop = shop;
        this.installation = installation;
        this.subject = subject;
        this.datasetVersion = shop.upload(shop.dataset(subject.task), subject.file, subject.data);
        String product = product();
        JsonNode job = shop.awaitSuccess(shop.train(product, datasetVersion, subject.recipe));
        this.undisturbedLength = length(job);
        this.undisturbedWeights = weights(onlyVersion(product));
        assertThat(undisturbedWeights).isNotBlank();
    }

    /**
     * Each victim once; with {@code -Despalier.kills=30 -Despalier.seed=1} so many at random, as {@code
     * tests/benchmarks/kills} does.
     *
     * @param kill says whether there was something to kill
     */
    Stream<DynamicTest> of(List<String> victims, Predicate<String> kill) {
        Random random = new Random(Long.getLong("espalier.seed", 11));
        int kills = Integer.getInteger("espalier.kills", 0);
        List<String> chosen = kills == 0
                ? victims
                : random.ints(kills, 0, victims.size()).mapToObj(victims::get).toList();
        return chosen.stream().map(victim -> {
            double moment = random.nextDouble();
            return dynamicTest(victim, () -> completesThough(() -> kill.test(victim), moment));
        });
    }

    /** @param moment as a fraction of an undisturbed job */
    private void completesThough(BooleanSupplier kill, double moment) {
        double aim = moment;
        for (int attempt = 0; attempt < TRIES; attempt++) {
            String product = product();
            String job = shop.train(product, datasetVersion, subject.recipe);
            Api.pause(Duration.ofMillis((long) (aim * undisturbedLength.toMillis())));
            boolean killed = killWhileItRuns(kill, job);
            JsonNode ended = shop.awaitSuccess(job);
            if (killed) {
                assertIntact(product, shop.ref(job));
                return;
            }
            // The first job of all found nothing warm; this one says better how long they take.
            undisturbedLength = length(ended);
            aim *= 0.7;
        }
        throw new AssertionError("Each of " + TRIES + " jobs was over before anything could be killed");
    }

    private boolean killWhileItRuns(BooleanSupplier kill, String job) {
        while (!isOver(job)) {
            if (kill.getAsBoolean()) {
                return true;
            }
            Api.pause(BETWEEN_LOOKS);
        }
        return false;
    }

    private boolean isOver(String job) {
        JsonNode now = shop.api().get("/api/training-jobs/" + job).expect(200).json();
        return JobState.valueOf(now.get("state").asString()).isFinal();
    }

    private void assertIntact(String product, JobRef job) {
        JsonNode version = onlyVersion(product);
        assertThat(weights(version)).isEqualTo(undisturbedWeights);
        try (ObjectStore store = installation.objectStore()) {
            String bundle = ObjectKeys.bundle(
                    job,
                    version.get("precision").asString(),
                    version.get("sha256").asString());
            Api.until(
                    bundle + " is whole",
                    CLEANING_LIMIT,
                    () -> store.size(bundle).orElse(0) == version.get("bytes").asLong());
            Api.until(
                    "the job's leftovers are gone",
                    CLEANING_LIMIT,
                    () -> leftovers(store, job).isEmpty());
        }
    }

    private static List<String> leftovers(ObjectStore store, JobRef job) {
        List<String> keys = new ArrayList<>(store.list(ObjectKeys.jobScratch(job)));
        for (Split split : Split.values()) {
            keys.addAll(store.list(ObjectKeys.split(job, split)));
        }
        return keys;
    }

    private String product() {
        return shop.product(subject.task).get("id").asString();
    }

    private JsonNode onlyVersion(String product) {
        List<JsonNode> versions = shop.list("/api/products/" + product + "/versions");
        assertThat(versions).hasSize(1);
        return versions.getFirst();
    }

    private static String weights(JsonNode version) {
        return version.at("/lineage/weightsSha256").asString();
    }

    private static Duration length(JsonNode job) {
        return Duration.between(
                Instant.parse(job.get("createdAt").asString()),
                Instant.parse(job.get("endedAt").asString()));
    }
}
