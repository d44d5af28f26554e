package io.espalier.contracts.task;

/** The answer of tasks that score labels, in the shape of Hugging Face's pipelines, and what a request may say of it. */
public final class LabelScores {
    /** For {@link TaskDescriptor#outputSchema}: the best first. */
    public static final String OUTPUT_SCHEMA = """
            {"type": "array", "items": {"type": "object", "required": ["label", "score"], "properties": {\
            "label": {"type": "string"}, "score": {"type": "number", "minimum": 0, "maximum": 1}}}}""";

    /** For {@link TaskDescriptor#parametersSchema}. */
    public static final String PARAMETERS_SCHEMA = """
            {"type": "object", "additionalProperties": false, "properties": {"top_k": {"type": "integer", "format": "int32", \
            "minimum": 1, "description": "How many labels to answer with, the best first; all where absent"}}}""";

    private LabelScores() {}
}
