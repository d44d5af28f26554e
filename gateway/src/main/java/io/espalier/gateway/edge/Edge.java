package io.espalier.gateway.edge;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.gateway.PublicRoute;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The outermost layer of every public route: gives the request its id, refuses paths with two readings, measures and logs. */
public final class Edge extends SimpleDecoratingHttpService {
    private static final Logger ACCESS = LoggerFactory.getLogger("io.espalier.gateway.access");
    private static final Duration[] BUCKETS = {
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(30)
    };

    private final PublicRoute route;
    private final MeterRegistry meters;

    public Edge(HttpService delegate, PublicRoute route, MeterRegistry meters) {
        super(delegate);
        this.route = route;
        this.meters = meters;
    }

    public PublicRoute route() {
        return route;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) throws Exception {
        // Last of all headers, so that no upstream's id replaces it.
        ctx.setAdditionalResponseHeader(PredictionHeaders.REQUEST_ID, RequestIds.of(ctx));
        var _ = ctx.log().whenComplete().thenAccept(log -> {
            int status = log.responseHeaders().status().code();
            timer(status).record(log.totalDurationNanos(), TimeUnit.NANOSECONDS);
            // Without the query: that of a presigned URL is a credential.
            ACCESS.debug(
                    "{} {} {} {} in {} ms, {} bytes in, {} out",
                    RequestIds.of(ctx),
                    ctx.method(),
                    ctx.path(),
                    status,
                    TimeUnit.NANOSECONDS.toMillis(log.totalDurationNanos()),
                    log.requestLength(),
                    log.responseLength());
        });
        if (!Paths.isPlain(ctx.rawPath())) {
            throw new ProblemException(ProblemType.NOT_FOUND, "There is nothing at this path.");
        }
        return unwrap().serve(ctx, request);
    }

    private Timer timer(int status) {
        return Timer.builder("espalier.gateway.requests")
                .description("Requests by public route and status, from the first byte in to the last byte out")
                .tag("route", route.name())
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(BUCKETS)
                .register(meters);
    }
}
