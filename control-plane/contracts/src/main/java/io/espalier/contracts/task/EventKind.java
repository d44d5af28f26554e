package io.espalier.contracts.task;

import com.fasterxml.jackson.annotation.JsonIgnore;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Events that a product takes while it serves: its answers follow them without a training.
 *
 * @param name lower-case letters, as it stands in the route that takes them and in the body, which has a list of this name
 * @param columns the event's fields, as they are kept, that are columns of a dataset, by the names of their roles; an object holds those
 *     of a role that several columns have, by their names. None where such events are no rows
 * @param schema JSON Schema (2020-12) of one event as callers send it, as JSON text
 * @param example one event as JSON text
 * @param key the field of what an event is about, as it is kept, if a later event takes the place of an earlier one about the same; else null
 * @param reader not part of the interface
 */
public record EventKind(
        String name,
        String summary,
        List<String> columns,
        String schema,
        String example,
        @JsonIgnore @Nullable String key,
        @JsonIgnore Reader reader) {
    /** Of one request. */
    public static final int MOST_EVENTS = 1000;
    /** Of one request, which is larger than any that has to be so large. */
    public static final int MOST_BYTES = 1 << 20;

    private static final int MOST_ERRORS = 20;

    /** Checks events of a kind. */
    public interface Reader {
        /**
         * Takes one apart.
         *
         * @param path how the request names it: {@code interactions[3]}
         * @param received stands for the time of one that does not say it
         * @param errors takes all that is wrong with it
         * @return the event in the form in which it is kept, which holds no U+0000 and no half of a surrogate pair; empty exactly
         *     where something is wrong
         */
        Optional<ObjectNode> read(JsonNode event, String path, Instant received, List<FieldError> errors);
    }

    /**
     * Reads the body of a request.
     *
     * @return the events in their order, in the form in which they are kept
     * @throws ProblemException MALFORMED_REQUEST, or INVALID_REQUEST with the first fields that are wrong
     */
    public List<ObjectNode> read(JsonNode body, Instant received) {
        if (!body.isObject()) {
            throw new ProblemException(
                    ProblemType.MALFORMED_REQUEST, "The body must be a JSON object with a list of " + name + ".");
        }
        for (String field : body.propertyNames()) {
            if (!field.equals(name)) {
                throw ProblemException.invalidField(FieldError.shortened(field), "is not known; known is " + name);
            }
        }
        JsonNode list = body.path(name);
        if (!list.isArray() || list.isEmpty() || list.size() > MOST_EVENTS) {
            throw ProblemException.invalidField(name, "must be a list of 1 to %,d events".formatted(MOST_EVENTS));
        }
        List<ObjectNode> events = new ArrayList<>(list.size());
        List<FieldError> errors = new ArrayList<>();
        for (int i = 0; i < list.size() && errors.size() < MOST_ERRORS; i++) {
            reader.read(list.get(i), name + "[" + i + "]", received, errors).ifPresent(events::add);
        }
        if (!errors.isEmpty()) {
            FieldError first = errors.getFirst();
            throw new ProblemException(ProblemType.INVALID_REQUEST, first.field() + ": " + first.message(), errors);
        }
        return events;
    }
}
