package io.espalier.contracts.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class InteractionTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Instant NOW = Instant.parse("2026-11-26T19:00:00Z");

    private static List<ObjectNode> read(String body) {
        return Recommendation.DESCRIPTOR.events("interactions").orElseThrow().read(JSON.readTree(body), NOW);
    }

    private static ProblemException refusal(String body) {
        return catchThrowableOfType(ProblemException.class, () -> read(body));
    }

    private static ObjectNode one(String event) {
        return read("{\"interactions\": [" + event + "]}").getFirst();
    }

    @Test
    void keepsWhatWasGivenInOneForm() {
        ObjectNode kept = one(
                "{\"user\": \" u1 \", \"item\": 17, \"value\": 4.5, \"time\": \"2026-01-01T00:00:00Z\", \"type\": \"purchase\"}");

        assertThat(kept)
                .isEqualTo(JSON.readTree("{\"user\": \"u1\", \"item\": \"17\", \"value\": 4.5, \"time\": 1767225600000,"
                        + " \"type\": \"purchase\"}"));
    }

    @Test
    void takesNowWhereNoTimeIsGiven() {
        ObjectNode kept = one("{\"user\": \"u\", \"item\": \"i\", \"value\": null, \"time\": null}");

        assertThat(kept)
                .isEqualTo(JSON.readTree("{\"user\": \"u\", \"item\": \"i\", \"time\": " + NOW.toEpochMilli() + "}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1767225600", "1767225600000", "\"1767225600\"", "\"2026-01-01\"", "1767225600.0"})
    void takesSecondsMillisecondsAndDates(String time) {
        JsonNode kept = one("{\"user\": \"u\", \"item\": \"i\", \"time\": " + time + "}")
                .get("time");

        assertThat(kept.asLong()).isEqualTo(1767225600000L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|interactions[1].user|is missing",
                "{\"item\": \"i\"}|interactions[1].user|is missing",
                "{\"user\": \"  \", \"item\": \"i\"}|interactions[1].user|is missing",
                "{\"user\": 1.5, \"item\": \"i\"}|interactions[1].user|must be an id: a text or a whole number",
                "{\"user\": [\"u\"], \"item\": \"i\"}|interactions[1].user|must be an id: a text or a whole number",
                "{\"user\": \"u\", \"item\": true}|interactions[1].item|must be an id: a text or a whole number",
                "{\"user\": \"u\\u0000\", \"item\": \"i\"}|interactions[1].user|has characters that cannot be stored",
                "{\"user\": \"u\", \"item\": \"\\ud800\"}|interactions[1].item|has characters that cannot be stored",
                "{\"user\": \"u\", \"item\": \"i\", \"value\": \"5\"}|interactions[1].value|must be a number",
                "{\"user\": \"u\", \"item\": \"i\", \"value\": 1e999}|interactions[1].value|must be a number",
                "{\"user\": \"u\", \"item\": \"i\", \"type\": 5}|interactions[1].type|must be a text",
                "{\"user\": \"u\", \"item\": \"i\", \"rating\": 5}|interactions[1].rating|is not known; known are user, item, value,"
                        + " time and type",
                "17|interactions[1]|must be an object with user and item"
            })
    void saysWhatIsWrongWithWhichField(String event, String field, String message) {
        ProblemException refusal = refusal("{\"interactions\": [{\"user\": \"u\", \"item\": \"i\"}, " + event + "]}");

        assertThat(refusal.type()).isEqualTo(ProblemType.INVALID_REQUEST);
        assertThat(refusal.errors()).contains(new FieldError(field, message));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"yesterday\"", "\"\"", "1e30", "true", "{}"})
    void refusesTimesThatAreNone(String time) {
        ProblemException refusal =
                refusal("{\"interactions\": [{\"user\": \"u\", \"item\": \"i\", \"time\": " + time + "}]}");

        assertThat(refusal.errors()).extracting(FieldError::field).containsExactly("interactions[0].time");
    }

    @Test
    void limitsIdsAndTheNumberOfEvents() {
        String event = "{\"user\": \"" + "u".repeat(200) + "\", \"item\": \"i\"}";

        assertThat(read("{\"interactions\": [" + (event + ",").repeat(999) + event + "]}"))
                .hasSize(1000);
        assertThat(refusal("{\"interactions\": [" + (event + ",").repeat(1000) + event + "]}")
                        .errors())
                .extracting(FieldError::field)
                .containsExactly("interactions");
        assertThat(refusal("{\"interactions\": [{\"user\": \"" + "u".repeat(201) + "\", \"item\": \"i\"}]}")
                        .errors())
                .containsExactly(new FieldError("interactions[0].user", "is longer than 200 characters"));
    }

    @Test
    void doesNotListEveryErrorOfALargeRequest() {
        ProblemException refusal = refusal("{\"interactions\": [" + "{},".repeat(900) + "{}]}");

        assertThat(refusal.errors()).hasSizeBetween(20, 25);
        assertThat(refusal).hasMessage("interactions[0].user: is missing");
    }

    @Test
    void takesNothingButAListOfTheKind() {
        assertThat(refusal("[]").type()).isEqualTo(ProblemType.MALFORMED_REQUEST);
        assertThat(refusal("{}").errors()).extracting(FieldError::field).containsExactly("interactions");
        assertThat(refusal("{\"interactions\": []}").errors())
                .containsExactly(new FieldError("interactions", "must be a list of 1 to 1,000 events"));
        assertThat(refusal("{\"events\": []}").errors())
                .extracting(FieldError::field)
                .containsExactly("events");
    }
}
