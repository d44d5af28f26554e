package io.espalier.contracts.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.StorableText;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** The fields of an event on its way in, and what is wrong with them. */
final class EventFields {
    private final JsonNode event;
    private final String path;
    private final List<FieldError> errors;
    private final int errorsBefore;

    EventFields(JsonNode event, String path, List<FieldError> errors) {
        this.event = event;
        this.path = path;
        this.errors = errors;
        this.errorsBefore = errors.size();
    }

    /** Whether nothing was found wrong so far. */
    boolean areValid() {
        return errors.size() == errorsBefore;
    }

    /** @return whether the event is an object at all */
    boolean areAmong(Set<String> known, String needed, String all) {
        if (!event.isObject()) {
            errors.add(new FieldError(path, "must be an object with " + needed));
            return false;
        }
        for (String field : event.propertyNames()) {
            if (!known.contains(field)) {
                wrong(FieldError.shortened(field), "is not known; known are " + all);
            }
        }
        return true;
    }

    /** @return null where the field is absent, or null */
    @Nullable
    JsonNode value(String field) {
        return event.hasNonNull(field) ? event.get(field) : null;
    }

    /** As datasets hold ids: without space around them, whole numbers as texts. */
    String id(String field) {
        JsonNode value = value(field);
        if (value == null) {
            return wrong(field, "is missing");
        }
        if (!value.isString() && !value.isIntegralNumber()) {
            return wrong(field, "must be an id: a text or a whole number");
        }
        String id = value.asString().strip();
        return id.isEmpty() ? wrong(field, "is missing") : text(field, id, Recommendation.LONGEST_ID);
    }

    /** @return the text, if it can be stored and is no longer than that */
    String text(String field, String text, int longest) {
        if (text.length() > longest) {
            return wrong(field, "is longer than %,d characters".formatted(longest));
        }
        return StorableText.is(text) ? text : wrong(field, "has characters that cannot be stored");
    }

    /** @return what stands for a value of a field that is wrong */
    String wrong(String field, String message) {
        errors.add(new FieldError(path + "." + field, message));
        return "";
    }
}
