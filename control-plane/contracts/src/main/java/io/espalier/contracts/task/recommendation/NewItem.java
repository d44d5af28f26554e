package io.espalier.contracts.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.task.EventKind;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * An item that came into the catalog while the product serves, and what is said of it. It is kept as an object of {@code itemId} and
 * {@code itemAttributes}, an object of texts by column: cells as files about items have them.
 */
final class NewItem {
    private static final String ATTRIBUTES = "attributes";
    private static final int MOST_ATTRIBUTES = 100;
    private static final int LONGEST_NAME = 200;
    /** Of an item. */
    private static final int MOST_CHARACTERS = 10_000;

    static final EventKind KIND = new EventKind(
            Recommendation.ITEMS,
            "Items that are new; they are ranked from now on by what is said of them",
            List.of(Recommendation.ITEM_ID, Recommendation.ITEM_ATTRIBUTES),
            """
            {"type": "object", "additionalProperties": false, "required": ["item", "attributes"], "properties": {\
            "item": {"type": ["string", "integer"], "maxLength": 200, "description": "The item's id; what a model learned of an item that it \
            knows stays as it is"}, \
            "attributes": {"type": "object", "maxProperties": 100, "additionalProperties": {"oneOf": [\
            {"type": ["string", "number", "boolean"]}, {"type": "array", "items": {"type": ["string", "number", "boolean"]}}]}, \
            "description": "What is said of it, by the names of the columns in the files about items: a text, a number, a date, a \
            category or a list of them; 10,000 characters in all. Columns that the model does not know are kept for a later one"}}}""",
            """
            {"item": "stove-2", "attributes": {"name": "Gas stove", "description": "Boils a litre in three minutes", \
            "categories": ["camping", "kitchen"], "price": 49.9}}""",
            Recommendation.ITEM_ID,
            NewItem::read);

    private NewItem() {}

    private static Optional<ObjectNode> read(JsonNode event, String path, Instant received, List<FieldError> errors) {
        EventFields fields = new EventFields(event, path, errors);
        if (!fields.areAmong(Set.of(Recommendation.ITEM, ATTRIBUTES), "item and attributes", "item and attributes")) {
            return Optional.empty();
        }
        ObjectNode kept = JsonNodeFactory.instance.objectNode();
        kept.put(Recommendation.ITEM_ID, fields.id(Recommendation.ITEM));
        ObjectNode cells = kept.putObject(Recommendation.ITEM_ATTRIBUTES);
        JsonNode attributes = fields.value(ATTRIBUTES);
        if (attributes == null || !attributes.isObject()) {
            fields.wrong(ATTRIBUTES, attributes == null ? "is missing" : "must be an object of columns and values");
        } else if (attributes.size() > MOST_ATTRIBUTES) {
            fields.wrong(ATTRIBUTES, "has more than %d columns".formatted(MOST_ATTRIBUTES));
        } else {
            int characters = 0;
            for (Map.Entry<String, JsonNode> attribute : attributes.properties()) {
                String field = ATTRIBUTES + "." + FieldError.shortened(attribute.getKey());
                String name = fields.text(field, attribute.getKey(), LONGEST_NAME);
                String cell = fields.text(field, cell(fields, field, attribute.getValue()), MOST_CHARACTERS);
                characters += name.length() + cell.length();
                if (!cell.isBlank()) {
                    cells.put(name, cell.strip());
                }
            }
            if (characters > MOST_CHARACTERS) {
                fields.wrong(ATTRIBUTES, "hold more than %,d characters".formatted(MOST_CHARACTERS));
            }
        }
        return fields.areValid() ? Optional.of(kept) : Optional.empty();
    }

    private static String cell(EventFields fields, String field, JsonNode value) {
        if (value.isNull()) {
            return "";
        }
        if (!value.isArray()) {
            String word = word(value);
            return word == null ? fields.wrong(field, "must be a text, a number, or a list of them") : word;
        }
        List<String> words = new ArrayList<>();
        for (JsonNode element : value) {
            String word = word(element);
            if (word == null) {
                return fields.wrong(field, "must be a list of texts or numbers");
            }
            if (word.contains("|") || word.contains(";")) {
                return fields.wrong(field, "has a category with | or ; in it, which stand between categories");
            }
            words.add(word);
        }
        return String.join("|", words);
    }

    private static @Nullable String word(JsonNode value) {
        return value.isString() || value.isNumber() || value.isBoolean() ? value.asString() : null;
    }
}
