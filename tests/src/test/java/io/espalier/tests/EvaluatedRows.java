package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.JobRef;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/** The rows of a job's test split, each with the answer that the evaluation got for it. */
record EvaluatedRows(List<Row> rows) {
    private static final double SCORE_TOLERANCE = 1e-4;
    private static final int BATCH = 16;

    record Row(JsonNode input, Map<String, Double> scores, String label) {
        private static Row of(JsonNode line, Map<String, String> inputs) {
            String file = line.path("file").asString("");
            return new Row(
                    file.isEmpty() ? line.path("input") : StringNode.valueOf(inputs.get(file)),
                    EvaluatedRows.scores(line.path("answer")),
                    line.path("label").asString());
        }
    }

    static EvaluatedRows of(Installation installation, JobRef job) {
        return of(installation, job, Map.of());
    }

    /** @param inputs what the files are that the rows name */
    static EvaluatedRows of(Installation installation, JobRef job, Map<String, String> inputs) {
        try (ObjectStore store = installation.objectStore()) {
            String lines = new String(store.get(ObjectKeys.predictions(job)), StandardCharsets.UTF_8);
            return new EvaluatedRows(lines.lines()
                    .map(Api.JSON::readTree)
                    .map(line -> Row.of(line, inputs))
                    .toList());
        }
    }

    /** Every row is answered as it was evaluated, alone and in batches: same label, same scores. */
    void assertServed(Api customer, String path) {
        assertThat(rows).isNotEmpty();
        for (Row row : rows) {
            assertSame(row, predict(customer, path, row.input()));
        }
        for (int start = 0; start < rows.size(); start += BATCH) {
            List<Row> batch = rows.subList(start, Math.min(start + BATCH, rows.size()));
            JsonNode answers =
                    predict(customer, path, batch.stream().map(Row::input).toList());
            assertThat(answers.size()).isEqualTo(batch.size());
            for (int i = 0; i < batch.size(); i++) {
                assertSame(batch.get(i), answers.get(i));
            }
        }
    }

    double accuracy() {
        long right = rows.stream()
                .filter(row -> top(row.scores()).equals(row.label()))
                .count();
        return right / (double) rows.size();
    }

    private static JsonNode predict(Api customer, String path, Object inputs) {
        return customer.post(path, Map.of("inputs", inputs, "parameters", Map.of("top_k", 100)))
                .expect(200)
                .json();
    }

    private static void assertSame(Row expected, JsonNode answer) {
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
}
