package io.espalier.gateway.edge;

import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.route.PredictionHeaders;
import io.netty.util.AttributeKey;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The id that a request goes by in answers, problems and logs of every process: the caller's, if it is sane, or a new one. */
public final class RequestIds {
    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final AttributeKey<String> KEY = AttributeKey.valueOf(RequestIds.class, "ID");

    private RequestIds() {}

    /** The same for the whole life of the request. */
    public static String of(ServiceRequestContext ctx) {
        String known = ctx.attr(KEY);
        if (known != null) {
            return known;
        }
        String id = of(ctx.request().headers());
        ctx.setAttr(KEY, id);
        return id;
    }

    static String of(@Nullable RequestHeaders headers) {
        String given = headers == null ? null : headers.get(PredictionHeaders.REQUEST_ID);
        return given != null && SANE.matcher(given).matches()
                ? given
                : UUID.randomUUID().toString();
    }
}
