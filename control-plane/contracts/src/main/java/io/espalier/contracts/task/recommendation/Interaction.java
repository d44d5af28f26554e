package io.espalier.contracts.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.task.EventKind;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a user did with an item while the product serves. It is kept as an object of {@code user}, {@code item}, {@code time} in
 * milliseconds since 1970, and where they were given {@code value} and {@code type}.
 */
final class Interaction {
    private static final Set<String> FIELDS = Set.of(
            Recommendation.USER, Recommendation.ITEM, Recommendation.VALUE, Recommendation.TIME, Recommendation.TYPE);

    static final EventKind KIND = new EventKind(
            Recommendation.INTERACTIONS,
            "What users did with items; the user's next answer follows it",
            List.of(
                    Recommendation.USER,
                    Recommendation.ITEM,
                    Recommendation.VALUE,
                    Recommendation.TIME,
                    Recommendation.TYPE),
            """
            {"type": "object", "additionalProperties": false, "required": ["user", "item"], "properties": {\
            "user": {"type": ["string", "integer"], "maxLength": 200, "description": "A user's id; one that no training saw is one too"}, \
            "item": {"type": ["string", "integer"], "maxLength": 200, "description": "An item's id; one that the model does not know is \
            kept for a later one"}, \
            "value": {"type": "number", "description": "How much: a rating, an amount; a model that was trained with a smallest one passes over what has less, or none"}, \
            "time": {"type": ["string", "number"], "description": "When: a date and time, or seconds or milliseconds since 1970; now \
            where it is left out"}, \
            "type": {"type": "string", "maxLength": 200, "description": "What it was, in your words; a model that was trained on some types passes over others, and over what has none"}}}""",
            "{\"user\": \"u17\", \"item\": \"tent\", \"value\": 5, \"time\": \"2026-01-31T12:00:00Z\", \"type\": \"purchase\"}",
            null,
            Interaction::read);

    private final EventFields fields;

    private Interaction(EventFields fields) {
        this.fields = fields;
    }

    private static Optional<ObjectNode> read(JsonNode event, String path, Instant received, List<FieldError> errors) {
        EventFields fields = new EventFields(event, path, errors);
        return fields.areAmong(FIELDS, "user and item", "user, item, value, time and type")
                ? new Interaction(fields).read(received)
                : Optional.empty();
    }

    private Optional<ObjectNode> read(Instant received) {
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        kept.put(Recommendation.USER, fields.id(Recommendation.USER));
        kept.put(Recommendation.ITEM, fields.id(Recommendation.ITEM));
        JsonNode value = fields.value(Recommendation.VALUE);
        if (value != null) {
            kept.put(Recommendation.VALUE, number(value));
        }
        JsonNode time = fields.value(Recommendation.TIME);
        kept.put(Recommendation.TIME, time == null ? received.toEpochMilli() : time(time));
        JsonNode type = fields.value(Recommendation.TYPE);
        if (type != null) {
            kept.put(Recommendation.TYPE, type(type));
        }
        return fields.areValid() ? Optional.of(kept) : Optional.empty();
    }

    private double number(JsonNode value) {
        double number = value.isNumber() ? value.asDouble() : Double.NaN;
        if (!Double.isFinite(number)) {
            fields.wrong(Recommendation.VALUE, "must be a number");
        }
        return number;
    }

    private long time(JsonNode value) {
        String text = value.isString() || value.isNumber() ? value.asString().strip() : "";
        Long time = text.isEmpty() ? null : Times.parse(text);
        if (time == null) {
            fields.wrong(Recommendation.TIME, "must be a date and time, or seconds or milliseconds since 1970");
        }
        return time == null ? 0 : time;
    }

    private String type(JsonNode value) {
        return value.isString()
                ? fields.text(Recommendation.TYPE, value.asString().strip(), Recommendation.LONGEST_ID)
                : fields.wrong(Recommendation.TYPE, "must be a text");
    }
}
