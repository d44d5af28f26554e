package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.JobRef;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** {@code deploy/up --demo --report}, as a newcomer runs it, and what must hold of the product that answers then. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MainJobE2ET {
    private static final Duration DEMO_LIMIT = Duration.ofMinutes(15);
    /** Measured at 16 to 18 s on two idle cores; a machine that runs tests is not idle. */
    private static final Duration WARM_START_LIMIT = Duration.ofSeconds(60);

    private static final double SCORE_TOLERANCE = 1e-4;
    private static final int BATCH = 16;

    private static Path reportFile;
    private static Installation installation;
    private static JsonNode report;

    /** A row of the test split and the answer that the evaluation got for it. */
    private record Predicted(JsonNode input, Map<String, Double> scores, String label) {}

    @BeforeAll
    static void runTheDemo() throws Exception {
        reportFile = Path.of("target", "installations", "main-job-report.json").toAbsolutePath();
        Files.deleteIfExists(reportFile);
        installation = Installation.start("main-job", "--demo", "--report", reportFile.toString());
        installation.awaitOutput("Ctrl-C stops everything", DEMO_LIMIT);
        assertThat(reportFile).as(installation.output()).exists();
        report = Api.JSON.readTree(Files.readAllBytes(reportFile));
    }

    @AfterAll
    static void stopEverything() {
        if (installation != null) {
            installation.close();
        }
    }

    @Test
    @Order(1)
    void reportsWhatItFound() {
        assertThat(report.at("/metrics/accuracy").asDouble()).isGreaterThan(0.6);
        assertThat(report.at("/metrics/macroF1").asDouble()).isBetween(0.5, 1.0);
        assertThat(report.at("/metrics/rocAuc").asDouble()).isBetween(0.8, 1.0);
        assertThat(report.at("/artifact/precision").asString()).isIn("int8", "fp32");
        assertThat(report.at("/artifact/bytes").asLong()).isGreaterThan(1_000_000);
        assertThat(report.at("/rows/train").asLong()).isEqualTo(392);
        assertThat(report.at("/rows/validation").asLong()).isEqualTo(96);
        assertThat(report.at("/rows/test").asLong()).isEqualTo(152);
        assertThat(report.path("seconds").propertyNames())
                .contains("upload", "inspect", "training", "exporting", "evaluating", "deploy", "total");
        assertThat(report.path("baseUrl").asString())
                .isEqualTo(installation.origin().toString());
        assertThat(report.at("/answer/0/label").asString()).isEqualTo("return_refund");
    }

    @Test
    @Order(2)
    void showsEverythingThatANewcomerWantsToSee() {
        assertThat(installation.output())
                .contains("Classes", "epoch 1/", "loss", "left", "precision  recall", "Confusion", "Served as")
                .contains("curl " + report.path("predictUrl").asString())
                .contains("-H 'Authorization: Bearer " + report.path("apiKey").asString() + "'");
    }

    @Test
    @Order(3)
    void servesExactlyWhatWasEvaluated() {
        List<Predicted> rows = predictions();
        Api customer = customer();

        for (Predicted row : rows) {
            assertSame(row, predict(customer, row.input()));
        }
        for (int start = 0; start < rows.size(); start += BATCH) {
            List<Predicted> batch = rows.subList(start, Math.min(start + BATCH, rows.size()));
            JsonNode answers =
                    predict(customer, batch.stream().map(Predicted::input).toList());
            assertThat(answers.size()).isEqualTo(batch.size());
            for (int i = 0; i < batch.size(); i++) {
                assertSame(batch.get(i), answers.get(i));
            }
        }
        assertThat(rows).hasSize(report.at("/rows/test").asInt());
        assertThat(accuracy(rows)).isCloseTo(report.at("/metrics/accuracy").asDouble(), within(1e-9));
    }

    @Test
    @Order(4)
    void answersAgainSoonAfterAWarmStart() {
        installation.stop();
        long start = System.nanoTime();
        installation.restart();

        customer().awaitStatus(path(), Map.of("inputs", "Where is my parcel?"), 200);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(WARM_START_LIMIT);
    }

    @Test
    @Order(5)
    void usesTenantAndProductAgainAndMakesANewKey() throws Exception {
        installation.stop();
        Files.delete(reportFile);

        installation.restart("--demo", "--exit", "--report", reportFile.toString());
        assertThat(installation.launcher().onExit().get().exitValue())
                .as(installation.output())
                .isZero();

        JsonNode second = Api.JSON.readTree(Files.readAllBytes(reportFile));
        assertThat(second.path("tenant")).isEqualTo(report.path("tenant"));
        assertThat(second.path("product")).isEqualTo(report.path("product"));
        assertThat(second.path("modelVersion").asInt()).isEqualTo(2);
        assertThat(second.path("apiKey")).isNotEqualTo(report.path("apiKey"));
    }

    private static List<Predicted> predictions() {
        JobRef job = new JobRef(
                UUID.fromString(report.path("tenant").asString()),
                UUID.fromString(report.path("job").asString()));
        List<Predicted> rows = new ArrayList<>();
        try (ObjectStore store = installation.objectStore()) {
            String lines = new String(store.get(ObjectKeys.predictions(job)), StandardCharsets.UTF_8);
            lines.lines()
                    .map(Api.JSON::readTree)
                    .forEach(line -> rows.add(new Predicted(
                            line.path("input"),
                            scores(line.path("answer")),
                            line.path("label").asString())));
        }
        return rows;
    }

    private static double accuracy(List<Predicted> rows) {
        long right = rows.stream()
                .filter(row -> top(row.scores()).equals(row.label()))
                .count();
        return right / (double) rows.size();
    }

    private static void assertSame(Predicted expected, JsonNode answer) {
        Map<String, Double> served = scores(answer);
        assertThat(top(served)).as(expected.input().toString()).isEqualTo(top(expected.scores()));
        assertThat(served).hasSameSizeAs(expected.scores());
        expected.scores()
                .forEach((label, score) -> assertThat(served.get(label))
                        .as(expected.input() + " " + label)
                        .isCloseTo(score, within(SCORE_TOLERANCE)));
    }

    private static Map<String, Double> scores(JsonNode answer) {
        Map<String, Double> scores = new HashMap<>();
        answer.forEach(entry ->
                scores.put(entry.path("label").asString(), entry.path("score").asDouble()));
        return scores;
    }

    private static String top(Map<String, Double> scores) {
        return scores.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    private static JsonNode predict(Api customer, Object inputs) {
        return customer.post(path(), Map.of("inputs", inputs, "parameters", Map.of("top_k", 100)))
                .expect(200)
                .json();
    }

    private static Api customer() {
        return Api.withBearer(installation.origin(), report.path("apiKey").asString());
    }

    private static String path() {
        return report.path("predictUrl")
                .asString()
                .substring(report.path("baseUrl").asString().length());
    }
}
