package io.espalier.controlplane.platform;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.Problem;
import io.espalier.contracts.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes problems where no controller is involved: in filters. */
@Component
public class Problems {
    private final JsonMapper json;

    Problems(JsonMapper json) {
        this.json = json;
    }

    public void write(
            HttpServletRequest request, HttpServletResponse response, ProblemType type, @Nullable String detail)
            throws IOException {
        write(request, response, type, detail, List.of());
    }

    /** The problem that an answer of the framework's own stands for. */
    static ProblemType typeOf(int status) {
        return Arrays.stream(ProblemType.values())
                .filter(type -> type.status() == status)
                .findFirst()
                .orElse(status < 500 ? ProblemType.MALFORMED_REQUEST : ProblemType.INTERNAL);
    }

    void write(
            HttpServletRequest request,
            HttpServletResponse response,
            ProblemType type,
            @Nullable String detail,
            List<FieldError> errors)
            throws IOException {
        response.setStatus(type.status());
        response.setContentType(Problem.MEDIA_TYPE);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        response.getWriter().write(json.writeValueAsString(Problem.of(type, detail, Requests.id(request), errors)));
    }
}
