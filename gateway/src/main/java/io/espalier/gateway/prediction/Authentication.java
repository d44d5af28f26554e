package io.espalier.gateway.prediction;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import com.linecorp.armeria.server.SimpleDecoratingHttpService;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.gateway.route.RouteIndex;
import io.espalier.gateway.route.Routes;

/** Lets a request with a valid API key in, and says whose it is. The key itself is not kept: only its hash is compared. */
public final class Authentication extends SimpleDecoratingHttpService {
    private static final String SCHEME = "Bearer ";
    private static final int LONGEST_KEY = 256;

    private final Routes routes;

    Authentication(HttpService delegate, Routes routes) {
        super(delegate);
        this.routes = routes;
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) throws Exception {
        RouteIndex index = routes.current()
                .orElseThrow(() -> new ProblemException(
                        ProblemType.UNAVAILABLE, "The gateway has just started and knows no keys yet."));
        String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        if (!authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw new ProblemException(
                    ProblemType.UNAUTHENTICATED, "Send your API key as: Authorization: Bearer esp_live_…");
        }
        String key = authorization.substring(SCHEME.length()).strip();
        var known =
                key.length() > LONGEST_KEY ? null : index.key(Sha256.of(key)).orElse(null);
        if (known == null) {
            throw new ProblemException(ProblemType.UNAUTHENTICATED, "This API key is not valid.");
        }
        new Caller(known, index).enter(ctx);
        return unwrap().serve(ctx, request);
    }
}
