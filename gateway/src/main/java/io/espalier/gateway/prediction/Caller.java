package io.espalier.gateway.prediction;

import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.RouteTable;
import io.espalier.gateway.route.RouteIndex;
import io.netty.util.AttributeKey;
import java.util.Objects;

/**
 * Who asks, as the key says, with the routes that were in force when the key was looked up.
 */
record Caller(RouteTable.ApiKey key, RouteIndex routes) {
    private static final AttributeKey<Caller> KEY = AttributeKey.valueOf(Caller.class, "CALLER");

    /** @throws NullPointerException if the request did not come through {@link Authentication} */
    static Caller of(ServiceRequestContext ctx) {
        return Objects.requireNonNull(ctx.attr(KEY), "unauthenticated request");
    }

    /**
     * The product that the request's path names, by its slug or id.
     *
     * @throws ProblemException NOT_FOUND, also for one of another tenant
     */
    RouteTable.Product product(ServiceRequestContext ctx) {
        return routes.product(key.tenant(), Objects.requireNonNull(ctx.pathParam("product")))
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such product."));
    }

    void enter(ServiceRequestContext ctx) {
        ctx.setAttr(KEY, this);
    }
}
