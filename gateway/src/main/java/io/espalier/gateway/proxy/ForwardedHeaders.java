package io.espalier.gateway.proxy;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpHeadersBuilder;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.route.PredictionHeaders;
import io.espalier.gateway.edge.RequestIds;
import io.netty.util.AsciiString;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What of a request's headers goes on to the control plane, and what of an answer's headers comes back. */
final class ForwardedHeaders {
    /** Of one connection only (RFC 9110, section 7.6.1); what {@code Connection} names comes on top. */
    private static final List<String> HOP_BY_HOP = List.of(
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authenticate",
            "proxy-authorization",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "http2-settings",
            "expect");

    /** What only a proxy may say, and what our processes say among themselves. */
    private static final Pattern OURS_TO_SAY = Pattern.compile("forwarded|via|x-forwarded-.*|x-real-ip|x-client-ip"
            + "|x-cluster-client-ip|true-client-ip|x-original-.*|x-rewrite-.*|x-http-method.*|x-method-override"
            + "|x-model-.*|x-espalier-.*");

    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:_\\[\\]-]{1,255}");

    private final @Nullable String publicScheme;
    private final byte[] serviceAuthorization;

    /** @param publicUrl null where the gateway itself is the public origin */
    ForwardedHeaders(@Nullable URI publicUrl, String serviceCredential) {
        this.publicScheme = publicUrl == null ? null : publicUrl.getScheme();
        this.serviceAuthorization = serviceCredential.getBytes(StandardCharsets.UTF_8);
    }

    RequestHeaders request(ServiceRequestContext ctx, RequestHeaders received, String authority) {
        RequestHeadersBuilder headers = received.toBuilder();
        removeHopByHop(headers);
        headers.remove(HttpHeaderNames.HOST);
        for (AsciiString name : received.names()) {
            if (OURS_TO_SAY.matcher(name).matches()) {
                headers.remove(name);
            }
        }
        if (carriesServiceCredential(received)) {
            headers.remove(HttpHeaderNames.AUTHORIZATION);
        }
        String scheme = publicScheme == null ? ctx.sessionProtocol().isTls() ? "https" : "http" : publicScheme;
        String host = received.authority();
        if (host != null && HOST.matcher(host).matches()) {
            headers.set("x-forwarded-host", host);
            headers.set("x-forwarded-port", port(host, scheme));
        }
        return headers.set(
                        HttpHeaderNames.X_FORWARDED_FOR,
                        ctx.remoteAddress().getAddress().getHostAddress())
                .set("x-forwarded-proto", scheme)
                .set(PredictionHeaders.REQUEST_ID, RequestIds.of(ctx))
                .authority(authority)
                .build();
    }

    static void removeHopByHop(HttpHeadersBuilder headers) {
        for (String named : headers.getAll(HttpHeaderNames.CONNECTION)) {
            for (String name : named.split(",", -1)) {
                String plain = name.strip().toLowerCase(Locale.ROOT);
                if (!plain.isEmpty() && !plain.startsWith(":")) {
                    headers.remove(plain);
                }
            }
        }
        HOP_BY_HOP.forEach(headers::remove);
    }

    /** Who has come by the service credential still cannot use it from outside. */
    private boolean carriesServiceCredential(RequestHeaders received) {
        return received.getAll(HttpHeaderNames.AUTHORIZATION).stream()
                .map(value -> value.substring(value.indexOf(' ') + 1).strip())
                .anyMatch(token -> MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8), serviceAuthorization));
    }

    private static String port(String host, String scheme) {
        int colon = host.lastIndexOf(':');
        return colon > host.lastIndexOf(']') ? host.substring(colon + 1) : "https".equals(scheme) ? "443" : "80";
    }
}
