package io.espalier.modelkit.request;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.BinaryNode;
import tools.jackson.databind.node.IntNode;
import tools.jackson.databind.node.StringNode;

/**
 * The body of a prediction request, {@code {"inputs": …, "parameters": {"top_k": 3}}}, or files in bodies of their own types: one
 * input or a list of them.
 *
 * @param inputs in the request's order, not yet looked into; 1 to {@link #MAX_INPUTS}
 * @param list whether the request gave a list, so that the answer is one too
 */
public record PredictionRequest(List<JsonNode> inputs, boolean list, Parameters parameters) {
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
     * @param parameters as texts; a number is read as one
     * @throws ProblemException INVALID_REQUEST with the field, or TOO_MANY_INPUTS
     */
    public static PredictionRequest ofFiles(List<byte[]> files, Map<String, String> parameters) {
        if (files.isEmpty()) {
            throw ProblemException.invalidField("body", "holds no file");
        }
        if (files.size() > MAX_INPUTS) {
            throw tooManyInputs();
        }
        return new PredictionRequest(
                files.stream().<JsonNode>map(BinaryNode::valueOf).toList(),
                files.size() > 1,
                new Parameters(
                        parameters.entrySet().stream()
                                .collect(Collectors.toMap(Map.Entry::getKey, entry -> scalar(entry.getValue()))),
                        ""));
    }

    private static JsonNode scalar(String text) {
        try {
            return IntNode.valueOf(Integer.parseInt(text.strip()));
        } catch (NumberFormatException _) {
            return StringNode.valueOf(text);
        }
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
        Parameters parameters = Parameters.NONE;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (field) {
                case "inputs" -> {
                    list = value == JsonToken.START_ARRAY;
                    inputs = list ? readList(parser) : List.of(readInput(parser));
                }
                case "parameters" -> parameters = readParameters(parser);
                default ->
                    throw ProblemException.invalidField(
                            FieldError.shortened(field),
                            "is not a field of a prediction; known are inputs and parameters");
            }
        }
        if (inputs == null) {
            throw ProblemException.invalidField("inputs", "is missing");
        }
        return new PredictionRequest(inputs, list, parameters);
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

    private static Parameters readParameters(JsonParser parser) {
        if (parser.currentToken() == JsonToken.VALUE_NULL) {
            return Parameters.NONE;
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw ProblemException.invalidField("parameters", "must be an object");
        }
        return Parameters.of(JSON.readTree(parser), "parameters.");
    }

    private static ProblemException malformed(String detail) {
        return new ProblemException(ProblemType.MALFORMED_REQUEST, detail);
    }
}
