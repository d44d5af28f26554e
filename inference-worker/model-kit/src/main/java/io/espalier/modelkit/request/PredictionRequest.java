package io.espalier.modelkit.request;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.StringNode;

/**
 * The body of a prediction request, {@code {"inputs": …, "parameters": {"top_k": 3}}}, or files in bodies of their own types: one
 * input or a list of them.
 *
 * @param inputs in the request's order, not yet looked into; 1 to {@link #MAX_INPUTS}
 * @param list whether the request gave a list, so that the answer is one too
 * @param topK how many labels to answer with, the best first; null for all. More than there are is all
 */
public record PredictionRequest(
        List<JsonNode> inputs, boolean list, @Nullable Integer topK) {
    public static final int MAX_INPUTS = 128;

    /** Strict, and without a tree of the envelope: this is read once a prediction. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            // Inputs are read out of the middle of a document; the end of it is looked at below.
            .disable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /**
     * Reads a body.
     *
     * @throws ProblemException MALFORMED_REQUEST if it is not JSON, INVALID_REQUEST with the field, or TOO_MANY_INPUTS
     */
    public static PredictionRequest parse(byte[] body) {
        try (JsonParser parser = JSON.createParser(body)) {
            PredictionRequest request = read(parser);
            if (parser.nextToken() != null) {
                throw malformed("Something follows the JSON object.");
            }
            return request;
        } catch (JacksonException e) {
            var location = e.getLocation();
            String where = location == null || location.getLineNr() < 1
                    ? ""
                    : " (line %d, column %d)".formatted(location.getLineNr(), location.getColumnNr());
            throw malformed("The body is not valid JSON: " + e.getOriginalMessage() + where);
        }
    }

    /**
     * Inputs that came as files, in bodies of their own types. Several are a list; tasks whose inputs are no files refuse
     * them.
     *
     * @param topK as text; null for all labels
     * @throws ProblemException INVALID_REQUEST with the field, or TOO_MANY_INPUTS
     */
    public static PredictionRequest ofFiles(List<byte[]> files, @Nullable String topK) {
        if (files.isEmpty()) {
            throw ProblemException.invalidField("body", "holds no file");
        }
        if (files.size() > MAX_INPUTS) {
            throw tooManyInputs();
        }
        return new PredictionRequest(
                files.stream().<JsonNode>map(BinaryNode::valueOf).toList(),
                files.size() > 1,
                topK == null ? null : topK(topK));
    }

    private static int topK(String text) {
        try {
            int topK = Integer.parseInt(text.strip());
            if (topK >= 1) {
                return topK;
            }
        } catch (NumberFormatException _) {
            // Said below, as for a number out of range.
        }
        throw ProblemException.invalidField("top_k", "must be a whole number, 1 or more; leave it out for all labels");
    }

    /** How the request names an input: {@code inputs} or {@code inputs[3]}. */
    public String path(int index) {
        return list ? "inputs[" + index + "]" : "inputs";
    }

    private static PredictionRequest read(JsonParser parser) {
        JsonToken start = parser.nextToken();
        if (start == null) {
            throw malformed("The body is empty; it must be a JSON object with inputs.");
        }
        if (start != JsonToken.START_OBJECT) {
            throw malformed("The body must be a JSON object with inputs.");
        }
        List<JsonNode> inputs = null;
        boolean list = false;
        Integer topK = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "inputs" -> {
                    list = value == JsonToken.START_ARRAY;
                    inputs = list ? readList(parser) : List.of(readInput(parser));
                }
                case "parameters" -> topK = readParameters(parser);
                default ->
                    throw ProblemException.invalidField(
                            shortened(field), "is not a field of a prediction; known are inputs and parameters");
            }
        }
        if (inputs == null) {
            throw ProblemException.invalidField("inputs", "is missing");
        }
        return new PredictionRequest(inputs, list, topK);
    }

    private static List<JsonNode> readList(JsonParser parser) {
        List<JsonNode> inputs = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (inputs.size() == MAX_INPUTS) {
                throw tooManyInputs();
            }
            inputs.add(readInput(parser));
        }
        if (inputs.isEmpty()) {
            throw ProblemException.invalidField("inputs", "is an empty list; it must hold at least one input");
        }
        return List.copyOf(inputs);
    }

    private static ProblemException tooManyInputs() {
        return ProblemException.ofField(
                ProblemType.TOO_MANY_INPUTS,
                "inputs",
                "holds more than " + MAX_INPUTS + " inputs; send them in several requests");
    }

    private static JsonNode readInput(JsonParser parser) {
        return parser.currentToken() == JsonToken.VALUE_STRING
                ? StringNode.valueOf(parser.getString())
                : JSON.readTree(parser);
    }

    private static @Nullable Integer readParameters(JsonParser parser) {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return null;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw ProblemException.invalidField("parameters", "must be an object");
        }
        Integer topK = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (!name.equals("top_k")) {
                throw ProblemException.invalidField(
                        "parameters." + shortened(name), "is not a parameter; known is top_k");
            }
            if (value == JsonToken.VALUE_NULL) {
                continue;
            }
            boolean whole = value == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() == JsonParser.NumberType.INT;
            if (!whole || parser.getIntValue() < 1) {
                throw ProblemException.invalidField(
                        "parameters.top_k", "must be a whole number, 1 or more; leave it out for all labels");
            }
            topK = parser.getIntValue();
        }
        return topK;
    }

    /** A field name comes back in the answer and in a header of the log: not all ten megabytes of it. */
    private static String shortened(String name) {
        return name.length() <= 80 ? name : name.substring(0, 80) + "…";
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemType.MALFORMED_REQUEST, detail);
    }
}
