package io.espalier.modelkit.request;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a request says beside its inputs, {@code {"top_k": 3}}, not yet looked into: each task knows parameters of its own.
 * Errors are INVALID_REQUEST with the field.
 *
 * @param prefix of a parameter's name in errors: {@code parameters.} of a JSON body, nothing of a form or an address
 */
public record Parameters(Map<String, JsonNode> values, String prefix) {
    public static final Parameters NONE = new Parameters(Map.of(), "");

    /** @param object of JSON */
    public static Parameters of(JsonNode object, String prefix) {
        Map<String, JsonNode> values = new LinkedHashMap<>();
        object.properties().forEach(field -> values.put(field.getKey(), field.getValue()));
        return new Parameters(values, prefix);
    }

    /** @throws ProblemException naming the first that is none of these */
    public void requireKnown(List<String> known) {
        for (String name : values.keySet()) {
            if (!known.contains(name)) {
                throw invalid(
                        FieldError.shortened(name),
                        "is not a parameter; known " + (known.size() == 1 ? "is " : "are ") + String.join(", ", known));
            }
        }
    }

    /**
     * @param most inclusive; {@link Integer#MAX_VALUE} where there is no bound
     * @param otherwise what it means to leave it out: {@code for all labels}
     * @return null where it was left out
     */
    public @Nullable Integer count(String name, int most, String otherwise) {
        JsonNode value = value(name);
        if (value == null) {
            return null;
        }
        if (!value.isInt() || value.intValue() < 1 || value.intValue() > most) {
            throw invalid(
                    name,
                    "must be a whole number, %s; leave it out %s"
                            .formatted(most == Integer.MAX_VALUE ? "1 or more" : "from 1 to " + most, otherwise));
        }
        return value.intValue();
    }

    /** @return false where it was left out */
    public boolean flag(String name) {
        JsonNode value = value(name);
        if (value != null && !value.isBoolean()) {
            throw invalid(name, "must be true or false");
        }
        return value != null && value.booleanValue();
    }

    /** @return null where it is absent, or null in JSON */
    public @Nullable JsonNode value(String name) {
        JsonNode value = values.get(name);
        return value == null || value.isNull() ? null : value;
    }

    public ProblemException invalid(String name, String message) {
        return ProblemException.invalidField(prefix + name, message);
    }
}
