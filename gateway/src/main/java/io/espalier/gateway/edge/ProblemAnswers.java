package io.espalier.gateway.edge;

import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ClosedSessionException;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.stream.AbortedStreamException;
import com.linecorp.armeria.common.stream.CancelledSubscriptionException;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.server.HttpStatusException;
import com.linecorp.armeria.server.RequestTimeoutException;
import com.linecorp.armeria.server.ServerErrorHandler;
import com.linecorp.armeria.server.ServiceConfig;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.Problem;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.gateway.PublicRoute;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers everything that goes wrong with {@code application/problem+json}. What nobody foresaw is logged with the request's
 * id and answered with a fixed text.
 */
public final class ProblemAnswers implements ServerErrorHandler {
    private static final Logger LOG = LoggerFactory.getLogger(ProblemAnswers.class);
    private static final String NOTHING = "There is nothing at this path.";
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final MediaType PROBLEM = MediaType.parse(Problem.MEDIA_TYPE);

    @Override
    public HttpResponse onServiceException(ServiceRequestContext ctx, Throwable failure) {
        Throwable cause = Exceptions.peel(failure);
        return switch (cause) {
            case ProblemException problem ->
                answer(Problem.of(problem.type(), problem.getMessage(), RequestIds.of(ctx), problem.errors()))
                        .toHttpResponse();
            case HttpStatusException status
            when status.httpStatus().isClientError() ->
                ofStatus(ctx, ctx.config(), status.httpStatus(), RequestIds.of(ctx))
                        .toHttpResponse();
            case ContentTooLargeException tooLarge ->
                of(ctx, ProblemType.PAYLOAD_TOO_LARGE, atMost(tooLarge.maxContentLength()));
            case RequestTimeoutException _ ->
                ctx.request().isComplete()
                        ? of(ctx, ProblemType.TIMEOUT, "There was no answer in time.")
                        : of(ctx, ProblemType.MALFORMED_REQUEST, "The body of the request did not arrive in time.");
            case CancelledSubscriptionException _, AbortedStreamException _, ClosedSessionException _ ->
                // The caller went away; nobody reads this.
                of(ctx, ProblemType.UNAVAILABLE, "The request was cut off.");
            default -> {
                LOG.error("Request {} failed", RequestIds.of(ctx), cause);
                yield of(ctx, ProblemType.INTERNAL, "The request could not be answered; the log has it under its id.");
            }
        };
    }

    /** What Armeria answers by itself: no such path or method, and what has no context: a line or a header too long. */
    @Override
    public AggregatedHttpResponse renderStatus(
            @Nullable ServiceRequestContext ctx,
            ServiceConfig config,
            @Nullable RequestHeaders headers,
            HttpStatus status,
            @Nullable String description,
            @Nullable Throwable cause) {
        return ofStatus(ctx, config, status, ctx == null ? RequestIds.of(headers) : RequestIds.of(ctx));
    }

    public static HttpResponse of(ServiceRequestContext ctx, ProblemType type, String detail) {
        return answer(problem(type, detail, RequestIds.of(ctx))).toHttpResponse();
    }

    private static String atMost(long bytes) {
        return "The body may have at most " + bytes + " bytes.";
    }

    private static AggregatedHttpResponse ofStatus(
            @Nullable ServiceRequestContext ctx, ServiceConfig config, HttpStatus status, String requestId) {
        if (ctx != null && status.equals(HttpStatus.METHOD_NOT_ALLOWED)) {
            return methodNotAllowed(ctx, requestId);
        }
        return answer(
                switch (status.code()) {
                    case 400 -> problem(ProblemType.MALFORMED_REQUEST, "This is not valid HTTP.", requestId);
                    case 404 -> problem(ProblemType.NOT_FOUND, NOTHING, requestId);
                    case 413 -> problem(ProblemType.PAYLOAD_TOO_LARGE, atMost(config.maxRequestLength()), requestId);
                    case 503 -> problem(ProblemType.UNAVAILABLE, "The gateway is stopping.", requestId);
                    // Of HTTP itself: 414, 431 and their like need no type of ours (RFC 9457, section 4.2.1).
                    default ->
                        new Problem("about:blank", status.reasonPhrase(), status.code(), null, requestId, List.of());
                });
    }

    private static AggregatedHttpResponse methodNotAllowed(ServiceRequestContext ctx, String requestId) {
        String allowed = PublicRoute.methodsAt(ctx.routingContext()).stream()
                .map(HttpMethod::name)
                .collect(Collectors.joining(", "));
        if (allowed.isEmpty()) {
            return answer(problem(ProblemType.NOT_FOUND, NOTHING, requestId));
        }
        AggregatedHttpResponse answer =
                answer(problem(ProblemType.METHOD_NOT_ALLOWED, "This path knows " + allowed + ".", requestId));
        return AggregatedHttpResponse.of(
                answer.headers().withMutations(headers -> headers.set(HttpHeaderNames.ALLOW, allowed)),
                answer.content());
    }

    private static Problem problem(ProblemType type, String detail, String requestId) {
        return Problem.of(type, detail, requestId, List.of());
    }

    private static AggregatedHttpResponse answer(Problem problem) {
        ResponseHeadersBuilder headers = ResponseHeaders.builder(problem.status())
                .contentType(PROBLEM)
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff");
        if (problem.requestId() != null) {
            headers.set(PredictionHeaders.REQUEST_ID, problem.requestId());
        }
        if (problem.status() == HttpStatus.UNAUTHORIZED.code()) {
            headers.set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer realm=\"espalier\"");
        }
        if (problem.status() == HttpStatus.SERVICE_UNAVAILABLE.code()) {
            headers.set(HttpHeaderNames.RETRY_AFTER, "1");
        }
        return AggregatedHttpResponse.of(headers.build(), HttpData.wrap(JSON.writeValueAsBytes(problem)));
    }
}
