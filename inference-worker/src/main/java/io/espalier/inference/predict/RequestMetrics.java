package io.espalier.inference.predict;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** How long predictions took, by the status of the answer. */
public final class RequestMetrics implements DecoratingHttpServiceFunction {
    private final MeterRegistry meters;
    private final Map<Integer, Timer> byStatus = new ConcurrentHashMap<>();

    public RequestMetrics(MeterRegistry meters) {
        this.meters = meters;
    }

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request) throws Exception {
        var _ = ctx.log()
                .whenComplete()
                .thenAccept(log -> byStatus.computeIfAbsent(log.responseStatus().code(), this::timer)
                        .record(log.totalDurationNanos(), TimeUnit.NANOSECONDS));
        return delegate.serve(ctx, request);
    }

    private Timer timer(int status) {
        return Timer.builder("espalier.inference.requests")
                .description("Predictions, from the first byte of the request to the last of the answer")
                .tag("status", Integer.toString(status))
                .publishPercentileHistogram()
                .register(meters);
    }
}
