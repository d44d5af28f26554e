package io.espalier.modelkit.task.textclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.fixture.TinyModels;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.ExampleReader;
import io.espalier.modelkit.task.ExampleReader.RowResult;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.ScoredLabels;
import io.espalier.modelkit.task.TaskKits;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

class TextClassificationKitIT {
    private static final int MAX_LENGTH = 12;

    @TempDir
    static Path folder;

    private static Predictor predictor;

    @BeforeAll
    static void open() throws IOException {
        var manifest = TinyModels.sentiment(folder.resolve("bundle"), MAX_LENGTH);
        predictor = TaskKits.get("text-classification").open(folder.resolve("bundle"), manifest, 2);
    }

    @AfterAll
    static void close() {
        predictor.close();
    }

    @Nested
    class Predicting {
        @Test
        void scoresATextAsTheGraphSays() {
            // [CLS] a good film [SEP]: one token of five speaks for positive.
            double logit = TinyModels.WORD_WEIGHT / 5;

            float[] scores = predict("a good film").getFirst();

            assertThat((double) scores[1]).isEqualTo(1 / (1 + Math.exp(-logit)), within(1e-6));
            assertThat(scores[0] + scores[1]).isEqualTo(1, within(1e-6f));
        }

        @Test
        void answersEachInputOfABatchAsIfItWereAlone() {
            String[] texts = {"good", "a bad film indeed", "neither", "good bad good , a very long text that is cut off"
            };

            List<float[]> together = predict(texts);

            for (int i = 0; i < texts.length; i++) {
                assertThat(together.get(i)).containsExactly(predict(texts[i]).getFirst(), within(1e-6f));
            }
        }

        @Test
        void answersTheSameWithMoreThreads() {
            List<Predictor.Prepared> texts = Stream.of("good", "a bad film indeed", "neither good nor bad")
                    .map(text -> predictor.prepare(text(text), Parameters.NONE, "inputs"))
                    .toList();

            assertThat(scores(predictor.predictAlone(texts)))
                    .containsExactlyElementsOf(scores(predictor.predict(texts)));
        }

        @Test
        void cutsTextsAtTheModelsLength() {
            assertThat(predictor
                            .prepare(text("word ".repeat(100)), Parameters.NONE, "inputs")
                            .length())
                    .isEqualTo(MAX_LENGTH);
        }

        @Test
        void doesNotPad() {
            assertThat(predictor
                            .prepare(text("hello"), Parameters.NONE, "inputs")
                            .length())
                    .isEqualTo(3);
        }

        @Test
        void readsAnyUnicode() {
            for (String odd : List.of("\uD83D", "a\uDE00b", "\u0000", "\uD83D\uDE00", "\u202Eabc", "é é")) {
                assertThat(predict(odd).getFirst()).hasSize(2);
            }
        }

        @Test
        void warmsUpWithItsLongestInputToo() {
            assertThat(predictor.samples())
                    .extracting(Predictor.Prepared::length)
                    .contains(8, MAX_LENGTH);
            assertThat(predictor.predict(predictor.samples())).hasSize(2);
        }

        private List<float[]> predict(String... texts) {
            return scores(predictor.predict(Arrays.stream(texts)
                    .map(text -> predictor.prepare(text(text), Parameters.NONE, "inputs"))
                    .toList()));
        }

        private static List<float[]> scores(List<? extends Answer> answers) {
            return answers.stream()
                    .map(answer -> ((ScoredLabels) answer).scores())
                    .toList();
        }
    }

    @Nested
    class DecodingARequest {
        @Test
        void refusesWhatIsNotAText() {
            assertRefused(IntNode.valueOf(3), ProblemType.INVALID_INPUT, "must be a text");
        }

        @Test
        void refusesBlankTexts() {
            assertRefused(text(" \t\n"), ProblemType.INVALID_INPUT, "is empty");
        }

        @Test
        void refusesTextsThatAreTooLong() {
            assertRefused(text("x".repeat(20_001)), ProblemType.INPUT_TOO_LONG, "20001");
        }

        @Test
        void countsCharactersAsAReaderDoes() {
            assertThat(predictor
                            .prepare(text("\uD83D\uDE00".repeat(20_000)), Parameters.NONE, "inputs")
                            .length())
                    .isPositive();
        }

        private void assertRefused(JsonNode input, ProblemType type, String message) {
            assertThatThrownBy(() -> predictor.prepare(input, Parameters.NONE, "inputs[3]"))
                    .isInstanceOfSatisfying(ProblemException.class, e -> {
                        assertThat(e.type()).isEqualTo(type);
                        assertThat(e.errors()).extracting(FieldError::field).containsExactly("inputs[3]");
                    })
                    .hasMessageContaining(message);
        }
    }

    @Nested
    class ReadingRows {
        private final ExampleReader reader = new TextClassificationKit()
                .examples(
                        List.of("id", "review", "stars"),
                        new ColumnMapping(Map.of("text", List.of("review"), "label", List.of("stars")), null),
                        cell -> {
                            throw new AssertionError("There are no files: " + cell);
                        });

        @Test
        void takesTextAndLabelFromTheirColumns() {
            assertThat(reader.read(List.of("1", " Nice!", " 5 ")))
                    .isEqualTo(new RowResult.Example(text(" Nice!"), "5", "Nice!"));
        }

        @Test
        void identifiesTextsThatOnlyDifferInWhiteSpaceOrComposition() {
            assertThat(identity("cafe\u0301  au\n lait ")).isEqualTo(identity("caf\u00E9 au\u00A0lait"));
            assertThat(identity("Café")).isNotEqualTo(identity("café"));
        }

        @Test
        void rejectsEmptyTexts() {
            assertThat(reader.read(Arrays.asList("1", null, "5")))
                    .isEqualTo(new RowResult.Rejected("empty-text", "review", "The text is empty."));
        }

        @Test
        void rejectsMissingLabels() {
            assertThat(reader.read(List.of("1", "Nice!", " ")))
                    .isEqualTo(new RowResult.Rejected("missing-label", "stars", "The label is missing."));
        }

        @Test
        void givesOnlyInputsThatARequestMaySendToo() {
            var example = (RowResult.Example) reader.read(List.of("1", "x".repeat(50_000), "5"));

            assertThat(predictor
                            .prepare(example.input(), Parameters.NONE, "inputs")
                            .length())
                    .isPositive();
        }

        private String identity(String value) {
            return ((RowResult.Example) reader.read(List.of("1", value, "5"))).identity();
        }
    }

    private static StringNode text(String value) {
        return StringNode.valueOf(value);
    }
}
