package io.espalier.modelkit.request;

import io.espalier.modelkit.task.Answer;
import java.io.ByteArrayOutputStream;
import java.util.List;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/** The body of a response: one answer, or a list of them for a list of inputs. */
public final class Answers {
    private static final int USUAL_BYTES = 256;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Answers() {}

    /** @param answers one an input of the request, in their order */
    public static byte[] toJson(PredictionRequest request, List<? extends Answer> answers) {
        var out = new ByteArrayOutputStream(USUAL_BYTES * answers.size());
        try (JsonGenerator json = JSON.createGenerator(out)) {
            if (request.list()) {
                json.writeStartArray();
            }
            answers.forEach(answer -> answer.write(json));
            if (request.list()) {
                json.writeEndArray();
            }
        }
        return out.toByteArray();
    }
}
