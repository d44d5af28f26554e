package io.espalier.gateway.proxy;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.common.util.Exceptions;
import com.linecorp.armeria.common.util.TimeoutMode;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.gateway.edge.ProblemAnswers;
import io.espalier.gateway.edge.RequestIds;
import java.net.URI;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes a request on to one server and its answer back, piece by piece as the slower side takes them: what is held does not
 * depend on how long the body is. An upload may take hours, but not pause; an answer may never end, but has to begin.
 */
final class StreamingProxy {
    private static final Logger LOG = LoggerFactory.getLogger(StreamingProxy.class);
    /** How often the clock is set back at most: an upload has thousands of pieces a second. */
    private static final Duration RESET = Duration.ofSeconds(1);

    private final String name;
    private final String authority;
    private final WebClient client;
    private final Duration patience;
    private final Duration answerPatience;

    /** @param name what problems call the server */
    StreamingProxy(String name, URI server, ClientFactory clients, Duration patience, Duration answerPatience) {
        this.name = name;
        this.authority = authority(server);
        this.client = Upstream.client(server, clients)
                .responseTimeoutMillis(0)
                .writeTimeout(patience)
                .maxResponseLength(0)
                .build();
        this.patience = patience;
        this.answerPatience = answerPatience;
    }

    /** What {@code Host} says: without a port that the scheme implies, as clients write it and signatures are made. */
    String authority() {
        return authority;
    }

    /** @param answer changes the headers of every answer of the server */
    HttpResponse pass(
            ServiceRequestContext ctx,
            HttpRequest request,
            RequestHeaders headers,
            Consumer<ResponseHeadersBuilder> answer) {
        ctx.setRequestTimeout(TimeoutMode.SET_FROM_NOW, request.isComplete() ? answerPatience : patience);
        HttpResponse response = client.execute(watch(ctx, request.withHeaders(headers)));
        return response.mapHeaders(received -> {
                    if (!received.status().isInformational()) {
                        ctx.clearRequestTimeout();
                    }
                    ResponseHeadersBuilder changed = received.toBuilder();
                    ForwardedHeaders.removeHopByHop(changed);
                    changed.remove("server");
                    answer.accept(changed);
                    return changed.build();
                })
                .recover(failure -> {
                    LOG.warn("Request {} did not reach the {}", RequestIds.of(ctx), name, Exceptions.peel(failure));
                    return ProblemAnswers.of(ctx, ProblemType.UNAVAILABLE, "The " + name + " cannot be reached.");
                });
    }

    private HttpRequest watch(ServiceRequestContext ctx, HttpRequest request) {
        long[] lastReset = {System.nanoTime()};
        var _ = request.whenComplete().thenRun(() -> ctx.setRequestTimeout(TimeoutMode.SET_FROM_NOW, answerPatience));
        return request.peekData(_ -> {
            long now = System.nanoTime();
            if (now - lastReset[0] > RESET.toNanos()) {
                lastReset[0] = now;
                ctx.setRequestTimeout(TimeoutMode.SET_FROM_NOW, patience);
            }
        });
    }

    private static String authority(URI server) {
        boolean implied = server.getPort() == ("https".equals(server.getScheme()) ? 443 : 80);
        return implied ? server.getHost() : server.getAuthority();
    }
}
