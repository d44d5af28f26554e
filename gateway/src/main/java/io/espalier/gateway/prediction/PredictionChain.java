package io.espalier.gateway.prediction;

import com.linecorp.armeria.server.HttpService;
import io.espalier.gateway.route.Routes;

/**
 * The one order in which every request with an API key is handled: authenticate, limit, and then the service, which routes and
 * proxies. Each link stands before the next, and a link reads only what the links before it have established. A budget belongs between
 * limit and service, a meter around the proxy.
 */
public final class PredictionChain {
    private PredictionChain() {}

    /** Reads from the inside out. */
    public static HttpService before(HttpService service, Routes routes, RateLimits limits) {
        return service.decorate(next -> new RateLimiting(next, limits))
                .decorate(next -> new Authentication(next, routes));
    }
}
