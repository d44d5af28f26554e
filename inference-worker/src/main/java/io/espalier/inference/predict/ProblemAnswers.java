package io.espalier.inference.predict;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.server.HttpResponseException;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.Problem;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.PredictionHeaders;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Every error as RFC 9457 says; what nobody foresaw is logged under the request's id and answered with a fixed text. */
public final class ProblemAnswers implements ServerErrorHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAnswers.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final MediaType PROBLEM = MediaType.parse(Problem.MEDIA_TYPE);
    private static final int RETRY_AFTER_SECONDS = 1;

    @Override
    public HttpResponse onServiceException(ServiceRequestContext ctx, Throwable failure) {
        String requestId = RequestIds.of(ctx);
        return switch (causeOf(failure)) {
            case ProblemException problem ->
                answer(Problem.of(problem.type(), problem.getMessage(), requestId, problem.errors()))
                        .toHttpResponse();
            case ContentTooLargeException tooLarge ->
                answer(Problem.of(
                                ProblemType.PAYLOAD_TOO_LARGE,
                                "At most %d bytes are read.".formatted(tooLarge.maxContentLength()),
                                requestId,
                                List.of()))
                        .toHttpResponse();
            case RequestTimeoutException _ ->
                answer(Problem.of(ProblemType.TIMEOUT, null, requestId, List.of()))
                        .toHttpResponse();
            case HttpStatusException status ->
                answer(Problem.of(typeOf(status.httpStatus()), null, requestId, List.of()))
                        .toHttpResponse();
            case HttpResponseException response -> response.httpResponse();
            case Throwable unforeseen -> {
                LOG.error("Request {} failed", requestId, unforeseen);
                yield answer(Problem.of(
                                ProblemType.INTERNAL,
                                "The log knows more under this request id.",
                                requestId,
                                List.of()))
                        .toHttpResponse();
            }
        };
    }

    @Override
    public AggregatedHttpResponse renderStatus(
            @Nullable ServiceRequestContext ctx,
            ServiceConfig config,
            @Nullable RequestHeaders headers,
            HttpStatus status,
            @Nullable String description,
            @Nullable Throwable cause) {
        String requestId = ctx != null ? RequestIds.of(ctx) : headers != null ? RequestIds.of(headers) : null;
        return answer(Problem.of(typeOf(status), null, requestId, List.of()));
    }

    @Override
    public AggregatedHttpResponse onProtocolViolation(
            ServiceConfig config,
            @Nullable RequestHeaders headers,
            HttpStatus status,
            @Nullable String description,
            @Nullable Throwable cause) {
        return answer(
                Problem.of(typeOf(status), description, headers == null ? null : RequestIds.of(headers), List.of()));
    }

    /** The failure itself, out of what futures wrap it in. */
    private static Throwable causeOf(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static AggregatedHttpResponse answer(Problem problem) {
        var headers = ResponseHeaders.builder(problem.status()).contentType(PROBLEM);
        if (problem.requestId() != null) {
            headers.set(PredictionHeaders.REQUEST_ID, problem.requestId());
        }
        if (problem.status() == 503) {
            headers.setInt(HttpHeaderNames.RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        if (problem.status() == 401) {
            headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        return AggregatedHttpResponse.of(headers.build(), HttpData.wrap(JSON.writeValueAsBytes(problem)));
    }

    private static ProblemType typeOf(HttpStatus status) {
        return switch (status.code()) {
            case 401 -> ProblemType.UNAUTHENTICATED;
            case 403 -> ProblemType.FORBIDDEN;
            case 404 -> ProblemType.NOT_FOUND;
            case 405 -> ProblemType.METHOD_NOT_ALLOWED;
            case 406 -> ProblemType.NOT_ACCEPTABLE;
            case 413 -> ProblemType.PAYLOAD_TOO_LARGE;
            case 415 -> ProblemType.UNSUPPORTED_MEDIA_TYPE;
            case 503 -> ProblemType.UNAVAILABLE;
            case 504 -> ProblemType.TIMEOUT;
            default -> status.isServerError() ? ProblemType.INTERNAL : ProblemType.MALFORMED_REQUEST;
        };
    }
}
