package io.espalier.contracts.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class NewItemTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private static List<ObjectNode> read(String items) {
        return Recommendation.DESCRIPTOR
                .events("items")
                .orElseThrow()
                .read(JSON.readTree("{\"items\": [" + items.replace('\'', '"') + "]}"), Instant.EPOCH);
    }

    private static ProblemException refusal(String items) {
        return catchThrowableOfType(ProblemException.class, () -> read(items));
    }

    @Test
    void keepsWhatIsSaidAsCellsOfAFile() {
        ObjectNode kept =
                read("{'item': 17, 'attributes': {'title': ' Gas stove ', 'department': ['camping', 'kitchen'], 'price': 49.90,"
                                + " 'heavy': false, 'colour': null, 'note': ' ', 'tags': []}}")
                        .getFirst();

        assertThat(kept).isEqualTo(JSON.readTree("""
                                {"itemId": "17", "itemAttributes": {"title": "Gas stove", "department": "camping|kitchen", "price": "49.9",
                                "heavy": "false"}}"""));
    }

    @Test
    void keepsItsOwnExample() {
        assertThat(read(NewItem.KIND.example())).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            value = {
                "5 ! items[1] ! must be an object with item and attributes",
                "{'attributes': {}} ! items[1].item ! is missing",
                "{'item': true, 'attributes': {}} ! items[1].item ! must be an id: a text or a whole number",
                "{'item': 'a'} ! items[1].attributes ! is missing",
                "{'item': 'a', 'attributes': [1]} ! items[1].attributes ! must be an object of columns and values",
                "{'item': 'a', 'attributes': {}, 'price': 3} ! items[1].price ! is not known; known are item and attributes",
                "{'item': 'a', 'attributes': {'t': {}}} ! items[1].attributes.t ! must be a text, a number, or a list of them",
                "{'item': 'a', 'attributes': {'t': [[]]}} ! items[1].attributes.t ! must be a list of texts or numbers",
                "{'item': 'a', 'attributes': {'t': ['a;b']}} ! items[1].attributes.t ! has a category with | or ; in it, which stand between categories",
                "{'item': 'a', 'attributes': {'t': '\\u0000'}} ! items[1].attributes.t ! has characters that cannot be stored"
            })
    void namesTheFieldThatIsWrong(String event, String field, String message) {
        ProblemException refused = refusal("{'item': 'good', 'attributes': {}}, " + event);

        assertThat(refused.type()).isEqualTo(ProblemType.INVALID_REQUEST);
        assertThat(refused.errors()).containsExactly(new FieldError(field, message));
    }

    @Test
    void hasBounds() {
        String many = IntStream.rangeClosed(0, 100)
                .mapToObj("'c%d': 1"::formatted)
                .collect(Collectors.joining(", ", "{", "}"));
        String half = "x".repeat(5_000);

        assertThat(refusal("{'item': 'a', 'attributes': " + many + "}"))
                .hasMessage("items[0].attributes: has more than 100 columns");
        assertThat(refusal("{'item': 'a', 'attributes': {'t': '" + half + half + "x'}}"))
                .hasMessage("items[0].attributes.t: is longer than 10,000 characters");
        assertThat(refusal("{'item': 'a', 'attributes': {'a': '" + half + "', 'b': '" + half + "'}}"))
                .hasMessage("items[0].attributes: hold more than 10,000 characters");
        assertThat(read("{'item': 'a', 'attributes': {'t': '" + half + half.substring(1) + "'}}"))
                .hasSize(1);
    }
}
