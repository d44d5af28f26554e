package io.espalier.contracts.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.task.EventKind;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What a user did with an item while the product serves. It is kept as an object of {@code user}, {@code item}, {@code time} in
 * milliseconds since 1970, and where they were given {@code value} and {@code type}.
 */
final class Interaction {
    /** What it was, for whoever reads the events: no model distinguishes types. */
    private static final String TYPE = "type";

    private static final Set<String> FIELDS =
            Set.of(Recommendation.USER, Recommendation.ITEM, Recommendation.VALUE, Recommendation.TIME, TYPE);

    static final EventKind KIND = new EventKind(
            Recommendation.INTERACTIONS,
            "What users did with items; the user's next answer follows it",
            List.of(Recommendation.USER, Recommendation.ITEM, Recommendation.VALUE, Recommendation.TIME),
            """
            {"type": "object", "additionalProperties": false, "required": ["user", "item"], "properties": {\
            "user": {"type": ["string", "integer"], "maxLength": 200, "description": "A user's id; one that no training saw is one too"}, \
            "item": {"type": ["string", "integer"], "maxLength": 200, "description": "An item's id; one that the model does not know is \
            kept for a later one"}, \
            "value": {"type": "number", "description": "How much: a rating, an amount"}, \
            "time": {"type": ["string", "number"], "description": "When: a date and time, or seconds or milliseconds since 1970; now \
            where it is left out"}, \
            "type": {"type": "string", "maxLength": 200, "description": "What it was, in your words; kept, and not looked at"}}}""",
            "{\"user\": \"u17\", \"item\": \"tent\", \"value\": 5, \"time\": \"2026-01-31T12:00:00Z\", \"type\": \"purchase\"}",
            Interaction::read);

    private final JsonNode event;
    private final String path;
    private final List<FieldError> errors;

    private Interaction(JsonNode event, String path, List<FieldError> errors) {
        this.event = event;
        this.path = path;
        this.errors = errors;
    }

    private static Optional<ObjectNode> read(JsonNode event, String path, Instant received, List<FieldError> errors) {
        return new Interaction(event, path, errors).read(received);
    }

    private Optional<ObjectNode> read(Instant received) {
        int before = errors.size();
        if (!event.isObject()) {
            errors.add(new FieldError(path, "must be an object with user and item"));
            return Optional.empty();
        }
        for (String field : event.propertyNames()) {
            if (!FIELDS.contains(field)) {
                wrong(FieldError.shortened(field), "is not known; known are user, item, value, time and type");
            }
        }
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        kept.put(Recommendation.USER, id(Recommendation.USER));
        kept.put(Recommendation.ITEM, id(Recommendation.ITEM));
        if (event.hasNonNull(Recommendation.VALUE)) {
            kept.put(Recommendation.VALUE, value(event.get(Recommendation.VALUE)));
        }
        kept.put(
                Recommendation.TIME,
                event.hasNonNull(Recommendation.TIME) ? time(event.get(Recommendation.TIME)) : received.toEpochMilli());
        if (event.hasNonNull(TYPE)) {
            kept.put(TYPE, type(event.get(TYPE)));
        }
        return errors.size() == before ? Optional.of(kept) : Optional.empty();
    }

    /** As datasets hold ids: without space around them, whole numbers as texts. */
    private String id(String field) {
        JsonNode value = event.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return wrong(field, "is missing");
        }
        if (!value.isString() && !value.isIntegralNumber()) {
            return wrong(field, "must be an id: a text or a whole number");
        }
        String id = value.asString().strip();
        if (id.isEmpty()) {
            return wrong(field, "is missing");
        }
        String problem = problemWith(id);
        return problem == null ? id : wrong(field, problem);
    }

    private double value(JsonNode value) {
        double number = value.isNumber() ? value.asDouble() : Double.NaN;
        if (!Double.isFinite(number)) {
            wrong(Recommendation.VALUE, "must be a number");
        }
        return number;
    }

    private long time(JsonNode value) {
        String text = value.isString() || value.isNumber() ? value.asString().strip() : "";
        Long time = text.isEmpty() ? null : Times.parse(text);
        if (time == null) {
            wrong(Recommendation.TIME, "must be a date and time, or seconds or milliseconds since 1970");
        }
        return time == null ? 0 : time;
    }

    private String type(JsonNode value) {
        if (!value.isString()) {
            return wrong(TYPE, "must be a text");
        }
        String problem = problemWith(value.asString());
        return problem == null ? value.asString() : wrong(TYPE, problem);
    }

    private static @Nullable String problemWith(String text) {
        if (text.length() > Recommendation.LONGEST_ID) {
            return "is longer than %d characters".formatted(Recommendation.LONGEST_ID);
        }
        boolean storable =
                text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
        return storable ? null : "has characters that cannot be stored";
    }

    /** @return what stands for a value of a field that is wrong */
    private String wrong(String field, String message) {
        errors.add(new FieldError(path + "." + field, message));
        return "";
    }
}
