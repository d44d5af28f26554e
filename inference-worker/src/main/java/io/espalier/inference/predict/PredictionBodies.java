package io.espalier.inference.predict;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.multipart.AggregatedBodyPart;
import com.linecorp.armeria.common.multipart.Multipart;
import com.linecorp.armeria.common.stream.StreamMessage;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.request.PredictionRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The forms of a prediction's body: a file as it is ({@code image/…}, {@code application/octet-stream}), several as
 * {@code multipart/form-data}, and JSON, which is also what a body of any other type has to be.
 */
final class PredictionBodies {
    private static final String TOP_K = "top_k";

    private PredictionBodies() {}

    /**
     * @param topK of the address; a field of a form goes before it, and JSON has its own
     * @throws ProblemException MALFORMED_REQUEST, INVALID_REQUEST or TOO_MANY_INPUTS
     */
    static PredictionRequest read(AggregatedHttpRequest request, @Nullable String topK) {
        MediaType type = request.contentType();
        if (type != null && (type.type().equals("image") || type.is(MediaType.OCTET_STREAM))) {
            return PredictionRequest.ofFiles(List.of(request.content().array()), parameters(topK));
        }
        return type != null && type.isMultipart()
                ? form(type, request.content(), topK)
                : PredictionRequest.parse(request.content().array());
    }

    private static PredictionRequest form(MediaType type, HttpData body, @Nullable String topK) {
        List<byte[]> files = new ArrayList<>();
        String chosen = topK;
        for (AggregatedBodyPart part : parts(type, body)) {
            if (TOP_K.equals(part.name())) {
                chosen = part.contentUtf8();
            } else {
                files.add(part.content().array());
            }
        }
        return PredictionRequest.ofFiles(files, parameters(chosen));
    }

    private static Map<String, String> parameters(@Nullable String topK) {
        return topK == null ? Map.of() : Map.of(TOP_K, topK);
    }

    private static List<AggregatedBodyPart> parts(MediaType type, HttpData body) {
        List<String> boundary = Objects.requireNonNullElse(type.parameters().get("boundary"), List.of());
        if (boundary.isEmpty()) {
            throw new ProblemException(ProblemType.MALFORMED_REQUEST, "The form's Content-Type has no boundary.");
        }
        try {
            // All of it is in memory: nothing is waited for.
            return Multipart.from(boundary.getFirst(), StreamMessage.of(body))
                    .aggregate()
                    .join()
                    .bodyParts();
        } catch (CompletionException e) {
            throw new ProblemException(
                    ProblemType.MALFORMED_REQUEST,
                    "The form cannot be read: its parts do not begin or end as they should.");
        }
    }
}
