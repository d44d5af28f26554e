package io.espalier.inference;

import static io.espalier.inference.fixture.WorkerFixture.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.process.FileTrees;
import io.espalier.contracts.route.RouteTable;
import io.espalier.inference.fixture.ObjectStoreFixture;
import io.espalier.inference.fixture.WorkerFixture;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InferenceWorkerIT {
    private static final URI NOBODY = URI.create("http://127.0.0.1:1");
    private static final String GOOD = "{\"inputs\": \"good\"}";

    @TempDir
    static Path shared;

    private static ObjectStoreFixture objects;
    private static RouteTable.Bundle sentiment;
    private static RouteTable.Bundle shortSentiment;

    @TempDir
    Path data;

    private WorkerFixture fixture;

    @BeforeAll
    static void publishBundles() throws Exception {
        objects = new ObjectStoreFixture(shared);
        sentiment = objects.publishSentiment(64);
        shortSentiment = objects.publishSentiment(16);
    }

    @AfterAll
    static void closeObjects() throws Exception {
        objects.close();
    }

    @BeforeEach
    void prepare() {
        fixture = new WorkerFixture(objects, data);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void isNotReadyBeforeItKnowsWhatIsDeployed() throws Exception {
        fixture.start(NOBODY, 1 << 30, 512);

        assertThat(fixture.get("/health/live").statusCode()).isEqualTo(200);
        assertThat(fixture.get("/health/ready").statusCode()).isEqualTo(503);
    }

    @Test
    void isReadyWithoutModelsWhereNothingIsDeployed() throws Exception {
        fixture.startReady();

        assertThat(fixture.get("/health/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void reportsWhyABundleCannotBeLoadedAndServesTheOthers() throws Exception {
        Path garbage = Files.write(data.resolve("garbage.zip"), new byte[] {1, 2, 3});
        objects.store().upload("broken.zip", garbage);
        var broken = new RouteTable.Bundle("0".repeat(64), "broken.zip", 3);
        var missing = new RouteTable.Bundle("1".repeat(64), "missing.zip", 3);
        fixture.deploy(1, broken, missing, sentiment);

        fixture.startReady();

        await(() -> fixture.report() != null && fixture.report().failedBundles().size() == 2);
        assertThat(fixture.report().failedBundles()).containsOnlyKeys(broken.sha256(), missing.sha256());
        // The tenant reads this: no key, no endpoint, no text of an engine.
        assertThat(fixture.report().failedBundles().get(broken.sha256()))
                .startsWith("The stored bundle has the hash ")
                .doesNotContain("broken.zip");
        assertThat(fixture.report().failedBundles().get(missing.sha256()))
                .isEqualTo("The worker could not load the bundle and tries again.");
        assertThat(statusOf(sentiment)).isEqualTo(200);
    }

    @Test
    void reportsAgainAndAgainThatItLives() {
        fixture.startReady();
        await(() -> fixture.report() != null);

        fixture.controlPlane().reports().clear();

        await(() -> fixture.report() != null);
    }

    @Nested
    class WithADeployedModel {
        @BeforeEach
        void deploy() {
            fixture.deploy(1, sentiment);
            fixture.startReady();
        }

        @Test
        void loadsWhatIsDeployedLaterAndUnloadsWhatIsNot() throws Exception {
            fixture.deploy(2, shortSentiment);

            await(() -> fixture.report() != null
                    && fixture.report().readyBundles().equals(List.of(shortSentiment.sha256())));
            assertThat(statusOf(shortSentiment)).isEqualTo(200);
            assertThat(statusOf(sentiment)).isEqualTo(409);
            assertThat(cached()).doesNotExist();
        }

        @Test
        void leavesATableAsideThatIsOlderThanTheOneItHas() throws Exception {
            fixture.deploy(5, sentiment, shortSentiment);
            await(() ->
                    fixture.report() != null && fixture.report().readyBundles().size() == 2);

            fixture.deploy(4);
            fixture.deploy(6, sentiment);

            await(() -> fixture.report().readyBundles().size() == 1);
            assertThat(statusOf(sentiment)).isEqualTo(200);
        }

        @Test
        void servesAfterARestartWithoutTheControlPlane() throws Exception {
            fixture.stopWorker();

            InferenceWorker again = fixture.start(NOBODY, 1 << 30, 512);

            await(again::isReady);
            assertThat(statusOf(sentiment)).isEqualTo(200);
        }

        @Test
        void servesFromItsCacheWithoutTheObjectStore() throws Exception {
            RouteTable.Bundle gone = objects.publishSentiment(24);
            fixture.deploy(2, gone);
            await(() ->
                    fixture.report() != null && fixture.report().readyBundles().contains(gone.sha256()));
            fixture.stopWorker();
            objects.store().delete(gone.objectKey());

            fixture.startReady();

            assertThat(statusOf(gone)).isEqualTo(200);
        }

        @Test
        void fetchesACachedBundleAgainThatWasDamaged() throws Exception {
            fixture.stopWorker();
            Path model = Files.write(cached().resolve("model.onnx"), new byte[100]);

            fixture.startReady();

            assertThat(statusOf(sentiment)).isEqualTo(200);
            assertThat(Files.size(model)).isGreaterThan(100);
        }

        @Test
        void finishesWhatItWasAskedBeforeItStops() {
            String hundred = "{\"inputs\": [" + "\"so good\",".repeat(99) + "\"bad\"]}";
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                answers.add(fixture.predictAsync(sentiment, hundred));
            }
            answers.getFirst().join();

            fixture.stopWorker();

            assertThat(answers)
                    .allSatisfy(answer -> assertThat(answer.join().statusCode()).isIn(200, 503));
            assertThat(fixture.report().readyBundles()).isEmpty();
        }

        private Path cached() {
            return data.resolve("bundles").resolve(sentiment.sha256());
        }
    }

    @Test
    void leavesNothingBehindWhereItCannotStart() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> fixture.start(taken.getLocalPort()))
                    .hasMessageContaining("Address already in use");
        }

        await(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("predict-")));
    }

    @Nested
    class WithMemoryForOneOfTwoModels {
        @BeforeEach
        void deploy() {
            fixture.deploy(1, sentiment, shortSentiment);
            await(fixture.start(50 << 20, 512)::isReady);
        }

        @Test
        void evictsTheLeastRecentlyUsedAndBringsItBackWhenAsked() throws Exception {
            for (int i = 0; i < 3; i++) {
                assertThat(statusOf(sentiment)).isEqualTo(200);
                assertThat(statusOf(shortSentiment)).isEqualTo(200);
                assertThat(fixture.metric("espalier_inference_models")).isEqualTo("1.0");
            }

            await(() ->
                    fixture.report() != null && fixture.report().readyBundles().size() == 2);
        }

        @Test
        void sendsCallersElsewhereWhereAnEvictedModelCannotComeBack() throws Exception {
            assertThat(statusOf(sentiment)).isEqualTo(200);
            RouteTable.Bundle gone = objects.publishSentiment(32);
            fixture.deploy(2, sentiment, gone);
            await(() ->
                    fixture.report() != null && fixture.report().readyBundles().contains(gone.sha256()));
            assertThat(statusOf(sentiment)).isEqualTo(200);
            objects.store().delete(gone.objectKey());
            FileTrees.discard(data.resolve("bundles").resolve(gone.sha256()));

            assertThat(statusOf(gone)).isEqualTo(409);
            assertThat(statusOf(sentiment)).isEqualTo(200);
        }

        @Test
        void losesNoRequestWhileModelsComeAndGo() {
            List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 200)
                    .mapToObj(i -> fixture.predictAsync(i % 2 == 0 ? sentiment : shortSentiment, GOOD))
                    .toList();

            assertThat(answers)
                    .allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
        }
    }

    @Test
    void tellsCallersToComeBackWhenTheQueueIsFull() {
        fixture.deploy(1, sentiment);
        await(fixture.start(1 << 30, 4)::isReady);
        String many =
                "{\"inputs\": [" + String.join(",", Collections.nCopies(64, "\"" + "so ".repeat(60) + "\"")) + "]}";

        List<HttpResponse<String>> answers =
                IntStream.range(0, 60).mapToObj(_ -> fixture.predictAsync(sentiment, many)).toList().stream()
                        .map(CompletableFuture::join)
                        .toList();

        assertThat(answers)
                .extracting(HttpResponse::statusCode)
                .contains(200, 503)
                .containsOnly(200, 503);
        assertThat(answers).filteredOn(answer -> answer.statusCode() == 503).allSatisfy(answer -> {
            assertThat(answer.body()).contains("urn:espalier:problem:overloaded");
            assertThat(answer.headers().firstValue("retry-after")).contains("1");
        });
    }

    private int statusOf(RouteTable.Bundle bundle) throws Exception {
        return fixture.predict(bundle, GOOD).statusCode();
    }
}
