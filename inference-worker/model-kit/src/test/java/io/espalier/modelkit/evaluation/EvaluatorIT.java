package io.espalier.modelkit.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.fixture.TinyModels;
import io.espalier.modelkit.task.ClassificationScorer;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.TaskKits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EvaluatorIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private Predictor predictor;

    @BeforeEach
    void open() throws IOException {
        var manifest = TinyModels.sentiment(folder.resolve("bundle"), 32);
        predictor = TaskKits.get("text-classification").open(folder.resolve("bundle"), manifest, 1);
    }

    @AfterEach
    void close() {
        predictor.close();
    }

    @Test
    void measuresEveryRowAndKeepsTheirOrder() throws IOException {
        // Lengths fall and rise, so that batches sorted by length come back in another order; every fifth label is
        // wrong.
        List<String> lines = IntStream.range(0, 500)
                .mapToObj(i -> "{\"input\": \"%s%s\", \"label\": \"%s\"}"
                        .formatted(
                                "so ".repeat(i * 7 % 11),
                                i % 2 == 0 ? "good" : "bad",
                                (i % 2 == 0) != (i % 5 == 0) ? "positive" : "negative"))
                .toList();
        Path split = Files.write(folder.resolve("test.jsonl"), lines);
        Path answers = folder.resolve("answers.jsonl");

        var metrics =
                new Evaluator(2).evaluate(predictor, new ClassificationScorer(TinyModels.SENTIMENTS), split, answers);

        assertThat(metrics.metrics().get("accuracy")).isEqualTo(.8, within(1e-9));
        assertThat(metrics.rows()).isEqualTo(500);
        assertThat(metrics.confusion()).containsExactly(List.of(200L, 50L), List.of(50L, 200L));
        List<String> written = Files.readAllLines(answers);
        assertThat(written).hasSize(500);
        for (int i = 0; i < 500; i++) {
            JsonNode answer = JSON.readTree(written.get(i));
            JsonNode row = JSON.readTree(lines.get(i));
            assertThat(answer.get("input")).isEqualTo(row.get("input"));
            assertThat(answer.get("label")).isEqualTo(row.get("label"));
            assertThat(answer.get("answer").get(0).get("label").asString())
                    .isEqualTo(i % 2 == 0 ? "positive" : "negative");
        }
    }

    @Test
    void namesTheRowWithALabelThatTheModelDoesNotKnow() throws IOException {
        Path split = Files.write(
                folder.resolve("test.jsonl"),
                List.of(
                        "{\"input\": \"good\", \"label\": \"positive\"}",
                        "{\"input\": \"good\", \"label\": \"neutral\"}"));

        assertThatThrownBy(() -> new Evaluator(1)
                        .evaluate(predictor, new ClassificationScorer(TinyModels.SENTIMENTS), split, null))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.INVALID_DATASET))
                .hasMessageContaining("Row 2")
                .hasMessageContaining("neutral");
    }

    @Test
    void namesTheRowThatCannotBePredicted() throws IOException {
        Path split = Files.write(folder.resolve("test.jsonl"), List.of("{\"input\": 3, \"label\": \"positive\"}"));

        assertThatThrownBy(() -> new Evaluator(1)
                        .evaluate(predictor, new ClassificationScorer(TinyModels.SENTIMENTS), split, null))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("Row 1")
                .hasMessageContaining("must be a text");
    }
}
