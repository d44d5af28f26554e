package io.espalier.gateway.proxy;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.QueryParams;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.gateway.GatewaySettings;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Presigned uploads and downloads at {@code /objects/{bucket}/{key}?…}. The store checks the signature, which was made for
 * its own host and path; here a request without one is turned away, and whatever the signature does not cover is left out: a
 * header such as {@code x-amz-copy-source} would make the holder of one URL reader of every object.
 */
public final class ObjectStoreProxy implements HttpService {
    private static final String PREFIX = "/objects";
    private static final String SIGNATURE = "X-Amz-Signature";
    private static final String SIGNED_HEADERS = "X-Amz-SignedHeaders";
    /** What describes a body or asks for a part of it. Not cookies, not credentials: the browser sends ours to this path too. */
    private static final Set<String> CONTENT_HEADERS = Set.of(
            "accept",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-length",
            "content-md5",
            "content-type",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-range",
            "if-unmodified-since",
            "range");

    private final StreamingProxy proxy;

    public ObjectStoreProxy(GatewaySettings settings, ClientFactory clients) {
        this.proxy = new StreamingProxy(
                "object store", settings.objectStore(), clients, settings.patience(), settings.answerPatience());
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
        QueryParams query = ctx.queryParams();
        if (query.get(SIGNATURE, "").isEmpty()) {
            throw new ProblemException(ProblemType.FORBIDDEN, "Only presigned URLs work here.");
        }
        return proxy.pass(ctx, request, headers(request.headers(), query), ObjectStoreProxy::secure);
    }

    private RequestHeaders headers(RequestHeaders received, QueryParams query) {
        Set<String> kept = new HashSet<>(CONTENT_HEADERS);
        kept.addAll(
                List.of(query.get(SIGNED_HEADERS, "").toLowerCase(Locale.ROOT).split(";", -1)));
        kept.remove("host");
        RequestHeadersBuilder headers =
                RequestHeaders.builder(received.method(), received.path().substring(PREFIX.length()));
        for (AsciiString name : received.names()) {
            if (kept.contains(name.toString())) {
                headers.add(name, received.getAll(name));
            }
        }
        ForwardedHeaders.removeHopByHop(headers);
        return headers.authority(proxy.authority()).build();
    }

    /** What somebody uploaded is served from the console's origin: it may be saved and parsed, not run. */
    private static void secure(ResponseHeadersBuilder answer) {
        answer.remove(HttpHeaderNames.SET_COOKIE);
        answer.set(HttpHeaderNames.CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
                .set(HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff")
                .set(HttpHeaderNames.X_FRAME_OPTIONS, "DENY")
                .set(HttpHeaderNames.REFERRER_POLICY, "no-referrer");
    }
}
