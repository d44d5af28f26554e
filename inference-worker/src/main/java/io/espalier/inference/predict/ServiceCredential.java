package io.espalier.inference.predict;

import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.server.DecoratingHttpServiceFunction;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.ServiceRequestContext;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** Lets only those in who send the platform's service credential as bearer token. */
public final class ServiceCredential implements DecoratingHttpServiceFunction {
    private final byte[] expected;

    public ServiceCredential(String credential) {
        this.expected = ("Bearer " + credential).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public HttpResponse serve(HttpService delegate, ServiceRequestContext ctx, HttpRequest request) throws Exception {
        String given = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
        // In constant time: how long a wrong one takes says nothing of the right one.
        if (!MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8))) {
            // After the body is through: a connection that is cut amid one tells the caller nothing.
            return HttpResponse.of(request.aggregate().thenApply(_ -> {
                throw new ProblemException(ProblemType.UNAUTHENTICATED, "The service credential is missing or wrong.");
            }));
        }
        return delegate.serve(ctx, request);
    }
}
