package io.espalier.contracts.problem;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The body of every error answer: {@code application/problem+json} (RFC 9457).
 *
 * @param requestId the id that the log knows this request by
 * @param errors one entry a field; empty where the problem is not about fields
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(
        String type,
        String title,
        int status,
        @Nullable String detail,
        @Nullable String requestId,
        List<FieldError> errors) {
    public static final String MEDIA_TYPE = "application/problem+json";

    public static Problem of(
            ProblemType type, @Nullable String detail, @Nullable String requestId, List<FieldError> errors) {
        return new Problem(type.uri(), type.title(), type.status(), detail, requestId, errors);
    }
}
