package io.espalier.gateway.proxy;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.ResponseHeadersBuilder;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.gateway.GatewaySettings;
import io.netty.util.AsciiString;

/** The API and the console: everything goes on to the control plane, which decides who may do what. */
public final class ControlPlaneProxy implements HttpService {
    private final StreamingProxy proxy;
    private final ForwardedHeaders headers;

    public ControlPlaneProxy(GatewaySettings settings, ClientFactory clients) {
        this.proxy = new StreamingProxy(
                "control plane", settings.controlPlane(), clients, settings.patience(), settings.answerPatience());
        this.headers = new ForwardedHeaders(settings.publicUrl(), settings.serviceCredential());
    }

    @Override
    public HttpResponse serve(ServiceRequestContext ctx, HttpRequest request) {
        return proxy.pass(
                ctx, request, headers.request(ctx, request.headers(), proxy.authority()), ControlPlaneProxy::secure);
    }

    private static void secure(ResponseHeadersBuilder answer) {
        setIfAbsent(answer, HttpHeaderNames.X_CONTENT_TYPE_OPTIONS, "nosniff");
        setIfAbsent(answer, HttpHeaderNames.REFERRER_POLICY, "same-origin");
        setIfAbsent(answer, HttpHeaderNames.X_FRAME_OPTIONS, "DENY");
        setIfAbsent(answer, HttpHeaderNames.CONTENT_SECURITY_POLICY, "frame-ancestors 'none'");
    }

    private static void setIfAbsent(ResponseHeadersBuilder headers, AsciiString name, String value) {
        if (!headers.contains(name)) {
            headers.set(name, value);
        }
    }
}
