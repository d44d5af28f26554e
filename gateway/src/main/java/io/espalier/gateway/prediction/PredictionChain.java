package io.espalier.gateway.prediction;

import com.linecorp.armeria.server.HttpService;
import io.espalier.contracts.route.BodyBudget;
import io.espalier.gateway.route.Routes;
import io.espalier.gateway.worker.Workers;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;

/**
 * The one order in which every prediction is handled: authenticate, limit, route, proxy. Each link stands before the next,
 * and a link reads only what the links before it have established. A budget belongs between limit and route, a meter around
 * the proxy.
 */
public final class PredictionChain {
    private final Routes routes;
    private final RateLimits limits;
    private final PredictionService service;

    public PredictionChain(
            Routes routes,
            RateLimits limits,
            Workers workers,
            BodyBudget bodies,
            String serviceCredential,
            Duration timeout,
            MeterRegistry meters) {
        this.routes = routes;
        this.limits = limits;
        this.service = new PredictionService(workers, bodies, serviceCredential, timeout, meters);
    }

    /** Reads from the inside out. */
    public HttpService chain() {
        return service.decorate(next -> new RateLimiting(next, limits))
                .decorate(next -> new Authentication(next, routes));
    }
}
