package io.espalier.modelkit.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.task.ScoredLabels;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class PredictionRequestTest {
    @Test
    void readsOneInput() {
        var request = parse("{\"inputs\": \"hello\"}");

        assertThat(request.inputs()).extracting(JsonNode::asString).containsExactly("hello");
        assertThat(request.list()).isFalse();
        assertThat(request.parameters().values()).isEmpty();
        assertThat(request.path(0)).isEqualTo("inputs");
    }

    @Test
    void readsAListInItsOrder() {
        var request = parse("{\"parameters\": {\"top_k\": 2}, \"inputs\": [\"a\", {\"age\": 3}, null]}");

        assertThat(request.inputs()).hasSize(3);
        assertThat(request.inputs().get(1).get("age").intValue()).isEqualTo(3);
        assertThat(request.list()).isTrue();
        assertThat(topK(request)).isEqualTo(2);
        assertThat(request.path(1)).isEqualTo("inputs[1]");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"inputs\":\"a\",\"parameters\":null}", "{\"inputs\":\"a\",\"parameters\":{\"top_k\":null}}"})
    void takesNullForNotGiven(String body) {
        assertThat(topK(parse(body))).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   ",
                "null",
                "[]",
                "\"text\"",
                "{",
                "{\"inputs\": \"a\"",
                "{\"inputs\": \"a\"} x",
                "{\"inputs\": \"a\"} {}",
                "{\"inputs\": \"a\", \"inputs\": \"b\"}",
                "{\"inputs\": {\"age\": 1, \"age\": 2}}",
                "{'inputs': 'a'}",
                "{\"inputs\": NaN}",
                "{\"inputs\": \"a\",}",
                "{\"inputs\": \"\\x\"}",
                "inputs=a"
            })
    void callsWhatIsNotStrictJsonMalformed(String body) {
        assertProblem(body, ProblemType.MALFORMED_REQUEST);
    }

    @Test
    void callsBytesThatAreNotUtf8Malformed() {
        byte[] body = "{\"inputs\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1);

        assertThatThrownBy(() -> PredictionRequest.parse(body))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.MALFORMED_REQUEST));
    }

    @Test
    void callsEndlessNestingMalformed() {
        assertProblem("{\"inputs\": " + "[".repeat(5000) + "]".repeat(5000) + "}", ProblemType.MALFORMED_REQUEST);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{} | inputs",
                "{\"inputs\": []} | inputs",
                "{\"input\": \"a\"} | input",
                "{\"inputs\": \"a\", \"options\": {}} | options",
                "{\"inputs\": \"a\", \"parameters\": []} | parameters"
            })
    void namesTheFieldThatIsWrong(String body, String field) {
        assertThatThrownBy(() -> parse(body))
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(e -> assertThat(e.type()).isEqualTo(ProblemType.INVALID_REQUEST))
                .satisfies(e ->
                        assertThat(e.errors()).extracting(FieldError::field).containsExactly(field));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"topK\": 1} | parameters.topK",
                "{\"top_k\": 0} | parameters.top_k",
                "{\"top_k\": 1.5} | parameters.top_k",
                "{\"top_k\": \"1\"} | parameters.top_k",
                "{\"top_k\": 99999999999999999999} | parameters.top_k",
                "{\"top_k\": [1]} | parameters.top_k"
            })
    void namesTheParameterThatIsWrong(String parameters, String field) {
        var request = parse("{\"inputs\": \"a\", \"parameters\": " + parameters + "}");

        assertThatThrownBy(() -> {
                    request.parameters().requireKnown(List.of("top_k"));
                    topK(request);
                })
                .asInstanceOf(InstanceOfAssertFactories.type(ProblemException.class))
                .satisfies(e -> assertThat(e.type()).isEqualTo(ProblemType.INVALID_REQUEST))
                .satisfies(e ->
                        assertThat(e.errors()).extracting(FieldError::field).containsExactly(field));
    }

    @Nested
    class WithTheMostInputs {
        @Test
        void takesAsManyAsAllowed() {
            assertThat(parse(bodyOf(PredictionRequest.MAX_INPUTS)).inputs()).hasSize(PredictionRequest.MAX_INPUTS);
        }

        @Test
        void refusesOneMore() {
            assertProblem(bodyOf(PredictionRequest.MAX_INPUTS + 1), ProblemType.TOO_MANY_INPUTS);
        }

        private static String bodyOf(int inputs) {
            return "{\"inputs\": [" + String.join(",", Collections.nCopies(inputs, "\"a\"")) + "]}";
        }
    }

    @Nested
    class AnsweredWithScores {
        private static final List<String> LABELS = List.of("low", "high", "also \"high\"");
        private static final float[] SCORES = {.25f, .5f, .5f};

        @Test
        void givesAllLabelsFromTheHighestScoreDownAndEqualOnesInTheirOrder() {
            assertThat(answer("{\"inputs\": \"a\"}")).isEqualTo("""
                            [{"label":"high","score":0.5},{"label":"also \\"high\\"","score":0.5},{"label":"low","score":0.25}]""");
        }

        @Test
        void nestsTheAnswerToAList() {
            assertThat(answer("{\"inputs\": [\"a\"], \"parameters\": {\"top_k\": 1}}"))
                    .isEqualTo("[[{\"label\":\"high\",\"score\":0.5}]]");
        }

        @Test
        void givesAllLabelsWhenAskedForMoreThanThereAre() {
            assertThat(answer("{\"inputs\": \"a\", \"parameters\": {\"top_k\": 9}}"))
                    .contains("low");
        }

        private static String answer(String body) {
            var request = parse(body);
            var answer = new ScoredLabels(LABELS, SCORES, topK(request));
            return new String(Answers.toJson(request, List.of(answer)), StandardCharsets.UTF_8);
        }
    }

    private static @Nullable Integer topK(PredictionRequest request) {
        return request.parameters().count("top_k", Integer.MAX_VALUE, "for all labels");
    }

    private static PredictionRequest parse(String body) {
        return PredictionRequest.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    private static void assertProblem(String body, ProblemType type) {
        assertThatThrownBy(() -> parse(body))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.type()).isEqualTo(type));
    }
}
