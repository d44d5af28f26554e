package io.espalier.gateway.prediction;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.RequestOptions;
import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.BodyBudget;
import io.espalier.contracts.route.EventPoll;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.contracts.route.RouteTable.Product;
import io.espalier.gateway.edge.ProblemAnswers;
import io.espalier.gateway.edge.RequestIds;
import io.espalier.gateway.proxy.Upstream;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings events of a product to the control plane, which knows what they have to be and keeps them. Sent once: to send them again is
 * for the caller, who knows whether twice is harmless.
 */
public final class EventService implements HttpService {
    private static final Logger LOG = LoggerFactory.getLogger(EventService.class);
    private static final Duration MARGIN = Duration.ofSeconds(5);

    private final WebClient controlPlane;
    private final String authorization;
    private final BodyBudget bodies;
    private final Duration timeout;

    public EventService(
            URI controlPlane, ClientFactory clients, String serviceCredential, BodyBudget bodies, Duration timeout) {
        this.controlPlane = Upstream.client(controlPlane, clients).build();
        this.authorization = "Bearer " + serviceCredential;
        this.bodies = bodies;
        this.timeout = timeout;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
        Product product = Caller.of(ctx).product(ctx);
        PredictionService.refuseEncoding(request);
        long held = bodies.take(request.headers().contentLength());
        var _ = ctx.log().whenComplete().thenRun(() -> bodies.giveBack(held));
        return HttpResponse.of(request.aggregate(ctx.eventLoop()).thenCompose(body -> {
            ctx.setRequestTimeout(TimeoutMode.SET_FROM_NOW, timeout.plus(MARGIN));
            return send(ctx, product, body.content())
                    .aggregate(ctx.eventLoop())
                    .handle((answer, failure) -> failure == null ? pass(answer) : unreachable(ctx, failure));
        }));
    }

    private HttpResponse send(ServiceRequestContext ctx, Product product, HttpData body) {
        // Whose product it is says the key. Nothing of the caller's headers goes on.
        String kind = Objects.requireNonNull(ctx.pathParam("kind"));
        RequestHeaders headers = RequestHeaders.builder(
                        HttpMethod.POST, EventPoll.storePath(product.tenant(), product.product(), kind))
                .contentType(MediaType.JSON)
                .set(HttpHeaderNames.AUTHORIZATION, authorization)
                .set(PredictionHeaders.REQUEST_ID, RequestIds.of(ctx))
                .build();
        RequestOptions options =
                RequestOptions.builder().responseTimeout(timeout).build();
        return controlPlane.execute(HttpRequest.of(headers, body), options);
    }

    private static HttpResponse pass(AggregatedHttpResponse answer) {
        int status = answer.status().code();
        if (status == 401 || status == 403 || status == 405) {
            throw new IllegalStateException("The control plane and this gateway do not agree: it answered " + status);
        }
        ResponseHeadersBuilder headers = ResponseHeaders.builder(answer.status())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff");
        MediaType type = answer.contentType();
        if (type != null) {
            headers.contentType(type);
        }
        String retryAfter = answer.headers().get(HttpHeaderNames.RETRY_AFTER);
        if (retryAfter != null) {
            headers.set(HttpHeaderNames.RETRY_AFTER, retryAfter);
        }
        return HttpResponse.of(headers.build(), answer.content());
    }

    private static HttpResponse unreachable(ServiceRequestContext ctx, Throwable failure) {
        Throwable cause = Exceptions.peel(failure);
        LOG.warn("The events of request {} did not reach the control plane", RequestIds.of(ctx), cause);
        return cause instanceof ResponseTimeoutException
                ? ProblemAnswers.of(
                        ctx, ProblemType.TIMEOUT, "There was no answer in time; the events may be stored, or not.")
                : ProblemAnswers.of(
                        ctx, ProblemType.UNAVAILABLE, "The control plane cannot be reached; send the events again.");
    }
}
