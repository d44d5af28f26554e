package io.espalier.modelkit.task;

import io.espalier.modelkit.request.Parameters;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A row of a split: a request, and what is known of its right answer.
 *
 * @param input in the shape of one element of a request's {@code inputs}
 * @param fields what stands beside the input: {@code label} for tasks that have labels, {@code file} where the input is one,
 *     {@code parameters} of the request where it has some, and what else the task's own {@link Scorer} reads
 */
public record SplitRow(JsonNode input, Map<String, JsonNode> fields) {
    public static final String INPUT = "input";
    public static final String LABEL = "label";
    public static final String FILE = "file";
    public static final String PARAMETERS = "parameters";

    /** @throws NoSuchElementException if the row has none */
    public String label() {
        JsonNode label = fields.get(LABEL);
        if (label == null || !label.isString()) {
            throw new NoSuchElementException("A row of the split has no label: " + fields);
        }
        return label.stringValue();
    }

    /** The name of the file that the input is; null where it is none. */
    public @Nullable String file() {
        JsonNode file = fields.get(FILE);
        return file == null ? null : file.stringValue();
    }

    public Parameters parameters() {
        JsonNode parameters = fields.get(PARAMETERS);
        return parameters == null ? Parameters.NONE : Parameters.of(parameters, "");
    }
}
