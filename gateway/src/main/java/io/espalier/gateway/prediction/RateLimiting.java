package io.espalier.gateway.prediction;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.github.bucket4j.ConsumptionProbe;
import java.time.Duration;

/**
 * Holds each key to its rate and says on every answer what is left of it, with the {@code RateLimit-*} fields of
 * draft-ietf-httpapi-ratelimit-headers-07, which clients know.
 */
public final class RateLimiting extends SimpleDecoratingHttpService {
    private final RateLimits limits;

    RateLimiting(HttpService delegate, RateLimits limits) {
        super(delegate);
        this.limits = limits;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) throws Exception {
        var key = Caller.of(ctx).key();
        ConsumptionProbe probe = limits.take(key);
        ctx.mutateAdditionalResponseHeaders(headers -> headers.setInt("ratelimit-limit", key.requestsPerMinute())
                .setLong("ratelimit-remaining", probe.getRemainingTokens())
                .setLong("ratelimit-reset", seconds(probe.getNanosToWaitForReset()))
                .set("ratelimit-policy", key.requestsPerMinute() + ";w=" + RateLimits.WINDOW.toSeconds()));
        if (!probe.isConsumed()) {
            long wait = Math.max(1, seconds(probe.getNanosToWaitForRefill()));
            ctx.setAdditionalResponseHeader(HttpHeaderNames.RETRY_AFTER, wait);
            throw new ProblemException(
                    ProblemType.RATE_LIMITED,
                    "This key may make %d requests a minute; try again in %d s."
                            .formatted(key.requestsPerMinute(), wait));
        }
        return unwrap().serve(ctx, request);
    }

    /** Rounded up: who waits that long does not come too early. */
    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos).plusNanos(999_999_999).toSeconds();
    }
}
