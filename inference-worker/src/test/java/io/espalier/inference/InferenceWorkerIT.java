package io.espalier.inference;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.contracts.route.RouteTable;
import io.espalier.contracts.route.WorkerReport;
import io.espalier.inference.fixture.ControlPlaneFixture;
import io.espalier.inference.fixture.ObjectStoreFixture;
import io.espalier.inference.pool.ModelPool;
import io.espalier.modelkit.bundle.Bundles;
import io.espalier.modelkit.fixture.TinyModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class InferenceWorkerIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    static Path shared;

    private static ObjectStoreFixture objects;
    private static RouteTable.Bundle sentiment;
    private static RouteTable.Bundle shortSentiment;

    @TempDir
    Path data;

    private final HttpClient http = HttpClient.newHttpClient();
    private ControlPlaneFixture controlPlane;
    private InferenceWorker worker;

    @BeforeAll
    static void publishBundles() throws Exception {
        objects = new ObjectStoreFixture(Files.createDirectory(shared.resolve("objects")));
        sentiment = publish("sentiment", 64);
        shortSentiment = publish("short", 16);
    }

    private static RouteTable.Bundle publish(String name, int maxLength) throws IOException {
        Path zip = shared.resolve(name + ".zip");
        Bundles.Written written = TinyModels.sentimentBundle(shared.resolve(name), zip, maxLength);
        String key = "tenants/t/jobs/" + name + "/bundles/fp32.zip";
        objects.store().upload(key, zip);
        return new RouteTable.Bundle(written.sha256(), key, written.bytes());
    }

    @AfterAll
    static void closeStore() throws Exception {
        objects.close();
    }

    @BeforeEach
    void startControlPlane() {
        controlPlane = new ControlPlaneFixture();
    }

    @AfterEach
    void stop() {
        if (worker != null) {
            worker.close();
        }
        controlPlane.close();
        http.close();
    }

    @Nested
    class WithADeployedModel {
        @BeforeEach
        void start() {
            controlPlane.publish(table(1, sentiment));
            worker = InferenceWorker.start(settings(1 << 30, 512));
            await(() -> worker.isReady());
        }

        @Test
        void answersATextAsHuggingFaceDoes() throws Exception {
            HttpResponse<String> response = predict(sentiment, "{\"inputs\": \"a good film\"}");

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.headers().firstValue("content-type")).contains("application/json");
            JsonNode answer = JSON.readTree(response.body());
            assertThat(answer).hasSize(2);
            assertThat(answer.get(0).get("label").asString()).isEqualTo("positive");
            assertThat(answer.get(0).get("score").doubleValue()).isGreaterThan(.95);
        }

        @Test
        void answersAListInItsOrder() throws Exception {
            JsonNode answer = JSON.readTree(predict(
                            sentiment,
                            "{\"inputs\": [\"good\", \"" + "so ".repeat(30)
                                    + "bad\", \"bad\"], \"parameters\": {\"top_k\": 1}}")
                    .body());

            assertThat(answer).hasSize(3).allSatisfy(one -> assertThat(one).hasSize(1));
            assertThat(List.of(label(answer, 0), label(answer, 1), label(answer, 2)))
                    .containsExactly("positive", "negative", "negative");
        }

        @Test
        void givesEveryCallerTheAnswerToItsOwnInput() {
            List<String> texts = IntStream.range(0, 300)
                    .mapToObj(i -> "so ".repeat(i % 23) + (i % 3 == 0 ? "good" : "bad"))
                    .toList();

            List<CompletableFuture<HttpResponse<String>>> answers = texts.stream()
                    .map(text -> http.sendAsync(
                            request(sentiment, "{\"inputs\": \"" + text + "\"}").build(),
                            HttpResponse.BodyHandlers.ofString()))
                    .toList();

            for (int i = 0; i < texts.size(); i++) {
                JsonNode answer = JSON.readTree(answers.get(i).join().body());
                assertThat(answer.get(0).get("label").asString())
                        .as(texts.get(i))
                        .isEqualTo(i % 3 == 0 ? "positive" : "negative");
            }
        }

        @Test
        void passesTheRequestIdThrough() throws Exception {
            var response =
                    send(request(sentiment, "{\"inputs\": \"good\"}").header(PredictionHeaders.REQUEST_ID, "req-1"));

            assertThat(response.headers().firstValue(PredictionHeaders.REQUEST_ID))
                    .contains("req-1");
        }

        @Test
        void refusesCallersWithoutTheServiceCredential() throws Exception {
            var response = send(HttpRequest.newBuilder(predictUri(sentiment))
                    .header("authorization", "Bearer " + ControlPlaneFixture.CREDENTIAL + "x")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"inputs\": \"good\"}")));

            assertProblem(response, 401, "urn:espalier:problem:unauthenticated");
        }

        @Test
        void saysThatItHasNotLoadedABundle() throws Exception {
            assertProblem(predict(shortSentiment, "{\"inputs\": \"good\"}"), 409, "urn:espalier:problem:conflict");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "{\"inputs\": \"a\" | 400 | malformed-request | ",
                    "{\"inputs\": \"a\", \"inputs\": \"b\"} | 400 | malformed-request | ",
                    "{\"input\": \"a\"} | 422 | invalid-request | input",
                    "{\"inputs\": [\"a\", 3]} | 422 | invalid-input | inputs[1]",
                    "{\"inputs\": \"  \"} | 422 | invalid-input | inputs",
                    "{\"inputs\": \"a\", \"parameters\": {\"top_k\": -1}} | 422 | invalid-request | parameters.top_k"
                })
        void namesWhatIsWrongWithARequest(String body, int status, String type, String field) throws Exception {
            var response = predict(sentiment, body);

            assertProblem(response, status, "urn:espalier:problem:" + type);
            if (field != null) {
                assertThat(JSON.readTree(response.body())
                                .get("errors")
                                .get(0)
                                .get("field")
                                .asString())
                        .isEqualTo(field);
            }
        }

        @Test
        void refusesBodiesThatAreTooLarge() throws Exception {
            assertProblem(
                    predict(sentiment, "{\"inputs\": \"" + "x".repeat(70_000) + "\"}"),
                    413,
                    "urn:espalier:problem:payload-too-large");
        }

        @Test
        void answersUnknownPathsAndMethodsAsProblems() throws Exception {
            assertProblem(
                    send(HttpRequest.newBuilder(worker.uri().resolve("/v1/other"))),
                    404,
                    "urn:espalier:problem:not-found");
            assertProblem(
                    send(HttpRequest.newBuilder(predictUri(sentiment))),
                    405,
                    "urn:espalier:problem:method-not-allowed");
        }

        @Test
        void keepsAnsweringAfterBadRequests() throws Exception {
            for (int i = 0; i < 50; i++) {
                predict(sentiment, i % 2 == 0 ? "{" : "{\"inputs\": 1}");
            }

            assertThat(predict(sentiment, "{\"inputs\": \"good\"}").statusCode())
                    .isEqualTo(200);
        }

        @Test
        void reportsWhatItHasLoaded() {
            await(() -> report() != null && !report().readyBundles().isEmpty());

            assertThat(report())
                    .isEqualTo(new WorkerReport(worker.uri(), List.of(sentiment.sha256()), java.util.Map.of()));
        }

        @Test
        void showsItsMetrics() throws Exception {
            predict(sentiment, "{\"inputs\": \"good\"}");

            String page = send(HttpRequest.newBuilder(worker.uri().resolve("/metrics")))
                    .body();

            assertThat(page)
                    .contains(
                            "espalier_inference_requests_seconds_count{status=\"200\"}",
                            "espalier_inference_queue_inputs",
                            "espalier_inference_batch_size_count",
                            "process_resident_memory_bytes",
                            "espalier_inference_models 1.0");
        }

        @Test
        void loadsWhatIsDeployedLaterAndUnloadsWhatIsNot() throws Exception {
            controlPlane.publish(table(2, shortSentiment));

            await(() -> report() != null && report().readyBundles().equals(List.of(shortSentiment.sha256())));
            assertThat(predict(shortSentiment, "{\"inputs\": \"good\"}").statusCode())
                    .isEqualTo(200);
            assertThat(predict(sentiment, "{\"inputs\": \"good\"}").statusCode())
                    .isEqualTo(409);
            assertThat(data.resolve("bundles").resolve(sentiment.sha256())).doesNotExist();
        }

        @Test
        void servesAfterARestartWithoutTheControlPlane() throws Exception {
            worker.close();
            controlPlane.close();

            worker = InferenceWorker.start(settings(1 << 30, 512));

            await(() -> worker.isReady());
            assertThat(predict(sentiment, "{\"inputs\": \"good\"}").statusCode())
                    .isEqualTo(200);
        }

        @Test
        void fetchesACachedBundleAgainThatWasDamaged() throws Exception {
            worker.close();
            Path model = data.resolve("bundles").resolve(sentiment.sha256()).resolve("model.onnx");
            Files.write(model, new byte[100]);

            worker = InferenceWorker.start(settings(1 << 30, 512));

            await(() -> worker.isReady());
            assertThat(predict(sentiment, "{\"inputs\": \"good\"}").statusCode())
                    .isEqualTo(200);
            assertThat(Files.size(model)).isGreaterThan(100);
        }

        @Test
        void finishesWhatItWasAskedBeforeItStops() {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(http.sendAsync(
                        request(sentiment, "{\"inputs\": [" + "\"so good\",".repeat(100) + "\"bad\"]}")
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
            }
            answers.getFirst().join();

            worker.close();

            assertThat(answers)
                    .allSatisfy(answer -> assertThat(answer.join().statusCode()).isIn(200, 503));
            assertThat(report().readyBundles()).isEmpty();
            worker = null;
        }
    }

    @Test
    void isNotReadyBeforeItKnowsWhatIsDeployed() throws Exception {
        URI nobody = URI.create("http://127.0.0.1:1");
        worker = InferenceWorker.start(settings(nobody, 1 << 30, 512));

        assertThat(send(HttpRequest.newBuilder(worker.uri().resolve("/health/live")))
                        .statusCode())
                .isEqualTo(200);
        assertThat(send(HttpRequest.newBuilder(worker.uri().resolve("/health/ready")))
                        .statusCode())
                .isEqualTo(503);
    }

    @Test
    void reportsWhyABundleCannotBeLoadedAndServesTheOthers() throws Exception {
        Path zip = Files.write(data.resolve("broken.zip"), new byte[] {1, 2, 3});
        objects.store().upload("tenants/t/jobs/broken/bundles/fp32.zip", zip);
        var wrongHash = new RouteTable.Bundle("0".repeat(64), "tenants/t/jobs/broken/bundles/fp32.zip", 3);
        var missing = new RouteTable.Bundle("1".repeat(64), "tenants/t/jobs/none/bundles/fp32.zip", 3);
        controlPlane.publish(table(1, wrongHash, missing, sentiment));

        worker = InferenceWorker.start(settings(1 << 30, 512));

        await(() -> report() != null && report().failedBundles().size() == 2 && worker.isReady());
        assertThat(report().failedBundles()).containsOnlyKeys(wrongHash.sha256(), missing.sha256());
        assertThat(report().failedBundles().get(wrongHash.sha256())).contains("has the hash");
        assertThat(predict(sentiment, "{\"inputs\": \"good\"}").statusCode()).isEqualTo(200);
    }

    @Test
    void evictsTheLeastRecentlyUsedModelAndBringsItBackWhenAsked() throws Exception {
        controlPlane.publish(table(1, sentiment, shortSentiment));
        worker = InferenceWorker.start(settings(50 << 20, 512));
        await(() -> worker.isReady());

        assertThat(metric("espalier_inference_models")).isEqualTo("1.0");
        for (int i = 0; i < 3; i++) {
            assertThat(predict(sentiment, "{\"inputs\": \"good\"}").statusCode())
                    .isEqualTo(200);
            assertThat(predict(shortSentiment, "{\"inputs\": \"good\"}").statusCode())
                    .isEqualTo(200);
        }
        assertThat(metric("espalier_inference_models")).isEqualTo("1.0");
        await(() -> report().readyBundles().size() == 2);
    }

    @Test
    void evictsUnderLoadWithoutLosingARequest() {
        controlPlane.publish(table(1, sentiment, shortSentiment));
        worker = InferenceWorker.start(settings(50 << 20, 512));
        await(() -> worker.isReady());

        List<CompletableFuture<HttpResponse<String>>> answers = IntStream.range(0, 200)
                .mapToObj(i -> http.sendAsync(
                        request(i % 2 == 0 ? sentiment : shortSentiment, "{\"inputs\": \"good\"}")
                                .build(),
                        HttpResponse.BodyHandlers.ofString()))
                .toList();

        assertThat(answers)
                .allSatisfy(answer -> assertThat(answer.join().statusCode()).isEqualTo(200));
    }

    @Test
    void tellsCallersToComeBackWhenTheQueueIsFull() {
        controlPlane.publish(table(1, sentiment));
        worker = InferenceWorker.start(settings(1 << 30, 4));
        await(() -> worker.isReady());
        String body =
                "{\"inputs\": [" + String.join(",", Collections.nCopies(64, "\"" + "so ".repeat(60) + "\"")) + "]}";

        List<HttpResponse<String>> answers = IntStream.range(0, 60)
                .mapToObj(_ -> http.sendAsync(request(sentiment, body).build(), HttpResponse.BodyHandlers.ofString()))
                .toList()
                .stream()
                .map(CompletableFuture::join)
                .toList();

        assertThat(answers)
                .extracting(HttpResponse::statusCode)
                .contains(200, 503)
                .containsOnly(200, 503);
        HttpResponse<String> overloaded = answers.stream()
                .filter(answer -> answer.statusCode() == 503)
                .findFirst()
                .orElseThrow();
        assertProblem(overloaded, 503, "urn:espalier:problem:overloaded");
        assertThat(overloaded.headers().firstValue("retry-after")).contains("1");
    }

    private WorkerSettings settings(long memoryBytes, int queueCapacity) {
        return settings(controlPlane.uri(), memoryBytes, queueCapacity);
    }

    private WorkerSettings settings(URI controlPlaneUri, long memoryBytes, int queueCapacity) {
        return new WorkerSettings(
                "127.0.0.1",
                0,
                null,
                "worker-1",
                data,
                controlPlaneUri,
                ControlPlaneFixture.CREDENTIAL,
                objects.settings(),
                2,
                new ModelPool.Limits(memoryBytes, queueCapacity, Duration.ofMillis(100)),
                64 << 10,
                Duration.ofSeconds(20),
                Duration.ofMillis(50));
    }

    private static RouteTable table(long version, RouteTable.Bundle... bundles) {
        List<RouteTable.Product> products = Arrays.stream(bundles)
                .map(bundle -> new RouteTable.Product(
                        new UUID(0, 1),
                        UUID.randomUUID(),
                        "product",
                        "text-classification",
                        List.of(new RouteTable.Variant(UUID.randomUUID(), 1, bundle, 1))))
                .toList();
        return new RouteTable(version, List.of(), products, List.of());
    }

    private WorkerReport report() {
        return controlPlane.reports().get("worker-1");
    }

    private String metric(String name) throws Exception {
        return send(HttpRequest.newBuilder(worker.uri().resolve("/metrics")))
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    private URI predictUri(RouteTable.Bundle bundle) {
        return worker.uri().resolve(PredictionHeaders.workerPath(bundle.sha256()));
    }

    private HttpRequest.Builder request(RouteTable.Bundle bundle, String body) {
        return HttpRequest.newBuilder(predictUri(bundle))
                .header("authorization", "Bearer " + ControlPlaneFixture.CREDENTIAL)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body));
    }

    private HttpResponse<String> predict(RouteTable.Bundle bundle, String body) throws Exception {
        return send(request(bundle, body));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void assertProblem(HttpResponse<String> response, int status, String type) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(response.headers().firstValue(PredictionHeaders.REQUEST_ID)).isPresent();
        JsonNode problem = JSON.readTree(response.body());
        assertThat(problem.get("type").asString()).isEqualTo(type);
        assertThat(problem.get("status").intValue()).isEqualTo(status);
    }

    private static String label(JsonNode answer, int index) {
        return answer.get(index).get(0).get("label").asString();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("It did not happen within " + PATIENCE);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                throw new UncheckedIOException(new IOException(e));
            }
        }
    }
}
