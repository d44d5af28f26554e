package io.espalier.inference.predict;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.contracts.route.RouteTable;
import io.espalier.contracts.route.WorkerReport;
import io.espalier.inference.fixture.ControlPlaneFixture;
import io.espalier.inference.fixture.ObjectStoreFixture;
import io.espalier.inference.fixture.WorkerFixture;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class PredictServiceIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    static Path folder;

    private static ObjectStoreFixture objects;
    private static RouteTable.Bundle sentiment;
    private static WorkerFixture fixture;

    @BeforeAll
    static void deploy() throws Exception {
        objects = new ObjectStoreFixture(folder);
        sentiment = objects.publishSentiment(64);
        fixture = new WorkerFixture(objects, folder.resolve("data"));
        fixture.deploy(1, sentiment);
        fixture.startReady();
    }

    @AfterAll
    static void close() throws Exception {
        fixture.close();
        objects.close();
    }

    @Test
    void answersATextAsHuggingFaceDoes() throws Exception {
        HttpResponse<String> response = fixture.predict(sentiment, "{\"inputs\": \"a good film\"}");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type")).contains("application/json");
        JsonNode answer = JSON.readTree(response.body());
        assertThat(answer).hasSize(2);
        assertThat(answer.get(0).get("label").asString()).isEqualTo("positive");
        assertThat(answer.get(0).get("score").doubleValue()).isGreaterThan(.95);
    }

    @Test
    void answersAListInItsOrder() throws Exception {
        JsonNode answer = JSON.readTree(fixture.predict(
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
                .map(text -> fixture.predictAsync(sentiment, "{\"inputs\": \"" + text + "\"}"))
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
        var response = fixture.send(
                fixture.request(sentiment, "{\"inputs\": \"good\"}").header(PredictionHeaders.REQUEST_ID, "req-1"));

        assertThat(response.headers().firstValue(PredictionHeaders.REQUEST_ID)).contains("req-1");
    }

    @Test
    void refusesCallersWithoutTheServiceCredential() throws Exception {
        var response = fixture.send(HttpRequest.newBuilder(fixture.predictUri(sentiment))
                .header("authorization", "Bearer " + ControlPlaneFixture.CREDENTIAL + "x")
                .POST(HttpRequest.BodyPublishers.ofString("{\"inputs\": \"good\"}")));

        assertProblem(response, 401, "urn:espalier:problem:unauthenticated");
    }

    @Test
    void saysThatItHasNotLoadedABundle() throws Exception {
        assertProblem(
                fixture.predict(new RouteTable.Bundle("0".repeat(64), "none", 1), "{\"inputs\": \"good\"}"),
                409,
                "urn:espalier:problem:conflict");
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
        var response = fixture.predict(sentiment, body);

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
                fixture.predict(sentiment, "{\"inputs\": \"" + "x".repeat(70_000) + "\"}"),
                413,
                "urn:espalier:problem:payload-too-large");
    }

    @Test
    void answersUnknownPathsAndMethodsAsProblems() throws Exception {
        assertProblem(
                fixture.send(HttpRequest.newBuilder(fixture.uri("/v1/other"))), 404, "urn:espalier:problem:not-found");
        assertProblem(
                fixture.send(HttpRequest.newBuilder(fixture.predictUri(sentiment))),
                405,
                "urn:espalier:problem:method-not-allowed");
    }

    @Test
    void keepsAnsweringAfterBadRequests() throws Exception {
        for (int i = 0; i < 50; i++) {
            fixture.predict(sentiment, i % 2 == 0 ? "{" : "{\"inputs\": 1}");
        }

        assertThat(fixture.predict(sentiment, "{\"inputs\": \"good\"}").statusCode())
                .isEqualTo(200);
    }

    @Test
    void reportsWhatItHasLoaded() {
        WorkerFixture.await(() ->
                fixture.report() != null && !fixture.report().readyBundles().isEmpty());

        assertThat(fixture.report())
                .isEqualTo(new WorkerReport(fixture.uri(""), List.of(sentiment.sha256()), Map.of()));
    }

    @Test
    void showsItsMetrics() throws Exception {
        fixture.predict(sentiment, "{\"inputs\": \"good\"}");

        String page =
                fixture.send(HttpRequest.newBuilder(fixture.uri("/metrics"))).body();

        assertThat(page)
                .contains(
                        "espalier_inference_requests_seconds_count{status=\"200\"}",
                        "espalier_inference_queue_inputs",
                        "espalier_inference_batch_size_count",
                        "process_resident_memory_bytes",
                        "espalier_inference_models 1.0");
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
}
