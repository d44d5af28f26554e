package io.espalier.inference.predict;

import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.route.PredictionHeaders;
import java.util.UUID;
import java.util.regex.Pattern;

/** Puts the caller's request id on the answer, or a new one where it has none that can be trusted in a log. */
public final class RequestIds implements DecoratingHttpServiceFunction {
    private static final Pattern FIT_FOR_A_LOG = Pattern.compile("[A-Za-z0-9._:/+=-]{1,128}");

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request) throws Exception {
        ctx.setAdditionalResponseHeader(PredictionHeaders.REQUEST_ID, of(request.headers()));
        return delegate.serve(ctx, request);
    }

    /** The id that this request has been given, or is given now. */
    static String of(ServiceRequestContext ctx) {
        String given = ctx.additionalResponseHeaders().get(PredictionHeaders.REQUEST_ID);
        return given == null ? of(ctx.request().headers()) : given;
    }

    static String of(RequestHeaders headers) {
        String given = headers.get(PredictionHeaders.REQUEST_ID, "");
        return FIT_FOR_A_LOG.matcher(given).matches()
                ? given
                : UUID.randomUUID().toString();
    }
}
