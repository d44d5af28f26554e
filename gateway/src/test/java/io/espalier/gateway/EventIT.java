package io.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventIT {
    private static final String BODY = "{\"interactions\":[{\"user\":\"ü1\",\"item\":\"i1\"}]}";
    private static final String RECEIPT = "{\"accepted\":1,\"applied\":true}";
    private static final String PRODUCTS = "/internal/tenants/" + Fixture.TENANT + "/products/";

    @TempDir
    Path data;

    private final AtomicReference<String> body = new AtomicReference<>();
    private PlayedControlPlane controlPlane;
    private Gateway gateway;
    private volatile TestServer.Handler answer = exchange -> {
        body.set(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        TestServer.answer(exchange, 200, "application/json", RECEIPT);
    };

    @BeforeEach
    void start() throws Exception {
        controlPlane = new PlayedControlPlane(Fixture.table());
        controlPlane.on("/internal/tenants/", exchange -> answer.handle(exchange));
        gateway = Gateway.start(Fixture.settings(controlPlane.uri(), controlPlane.uri(), data));
        Fixture.await("the first table", gateway::isReady);
    }

    @AfterEach
    void stop() {
        gateway.close();
        controlPlane.close();
    }

    private HttpRequest.Builder events(String product) {
        return HttpRequest.newBuilder(gateway.uri().resolve("/v1/products/" + product + "/interactions"))
                .header("authorization", "Bearer " + Fixture.KEY)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(BODY));
    }

    private List<TestServer.Received> forwarded() {
        return controlPlane.receivedAt("/internal/tenants/");
    }

    @Test
    void bringsEventsToTheControlPlaneUnderTheTenantOfTheKey() throws Exception {
        HttpResponse<String> response = Fixture.send(events("intents")
                .header("x-request-id", "order-7")
                .header("x-espalier-tenant", Fixture.OTHER_TENANT.toString())
                .header("cookie", "espalier_session=s"));

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo(RECEIPT);
        assertThat(response.headers().firstValue("x-request-id")).contains("order-7");
        assertThat(response.headers().firstValue("ratelimit-limit")).contains("100000");
        assertThat(body.get()).isEqualTo(BODY);
        var received = forwarded().getFirst();
        assertThat(received.method()).isEqualTo("POST");
        assertThat(received.target()).isEqualTo(PRODUCTS + Fixture.PRODUCT + "/events/interactions");
        assertThat(received.header("authorization")).isEqualTo("Bearer " + Fixture.SERVICE_CREDENTIAL);
        assertThat(received.header("x-request-id")).isEqualTo("order-7");
        assertThat(received.header("x-espalier-tenant")).isNull();
        assertThat(received.header("cookie")).isNull();
    }

    @Test
    void findsTheProductByIdAndNeedsNoDeployment() throws Exception {
        assertThat(Fixture.send(events(Fixture.PRODUCT.toString())).statusCode())
                .isEqualTo(200);
        assertThat(Fixture.send(events("not-deployed")).statusCode()).isEqualTo(200);
    }

    @Test
    void letsNobodyInWithoutAKeyOfTheProductsTenant() throws Exception {
        var none = Fixture.send(
                HttpRequest.newBuilder(events("intents").build().uri()).POST(BodyPublishers.ofString(BODY)));
        var service =
                Fixture.send(events("intents").setHeader("authorization", "Bearer " + Fixture.SERVICE_CREDENTIAL));
        var foreign = Fixture.send(events("foreign").header("x-request-id", "same"));
        var missing = Fixture.send(events("missing").header("x-request-id", "same"));

        assertThat(none.statusCode()).isEqualTo(401);
        assertThat(service.statusCode()).isEqualTo(401);
        assertThat(foreign.statusCode()).isEqualTo(404);
        assertThat(foreign.body()).isEqualTo(missing.body());
        assertThat(forwarded()).isEmpty();
    }

    @Test
    void countsAgainstTheRateOfTheKey() throws Exception {
        HttpRequest.Builder slow = events("intents").setHeader("authorization", "Bearer " + Fixture.SLOW_KEY);

        assertThat(Fixture.send(slow).statusCode()).isEqualTo(200);
        assertThat(Fixture.send(slow).statusCode()).isEqualTo(200);
        var refused = Fixture.send(slow);

        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).isPresent();
        assertThat(forwarded()).hasSize(2);
    }

    @Test
    void passesTheControlPlanesVerdictOn() throws Exception {
        String problem = "{\"status\":422}";
        answer = exchange -> TestServer.answer(exchange, 422, "application/problem+json", problem);
        var refused = Fixture.send(events("intents"));
        answer = exchange -> TestServer.answer(exchange, 202, "application/json", "{}");
        var later = Fixture.send(events("intents"));
        answer = exchange -> {
            exchange.getResponseHeaders().set("retry-after", "2");
            TestServer.answer(exchange, 503, "application/problem+json", "{}");
        };
        var away = Fixture.send(events("intents"));

        assertThat(refused.statusCode()).isEqualTo(422);
        assertThat(refused.body()).isEqualTo(problem);
        assertThat(refused.headers().firstValue("content-type")).contains("application/problem+json");
        assertThat(later.statusCode()).isEqualTo(202);
        assertThat(away.statusCode()).isEqualTo(503);
        assertThat(away.headers().firstValue("retry-after")).contains("2");
    }

    @Test
    void hidesThatItsOwnCredentialIsRefused() throws Exception {
        answer = exchange -> TestServer.answer(exchange, 401, "text/plain", "no");

        assertThat(Fixture.send(events("intents")).statusCode()).isEqualTo(500);
    }

    @Test
    void saysThatTheControlPlaneIsAwayAndSendsNothingTwice() throws Exception {
        answer = exchange -> {
            throw new java.io.IOException("broken off");
        };

        var broken = Fixture.send(events("intents"));

        assertThat(broken.statusCode()).isEqualTo(503);
        assertThat(broken.body()).contains("send the events again");
        assertThat(forwarded()).hasSize(1);
        controlPlane.close();
        assertThat(Fixture.send(events("intents")).statusCode()).isEqualTo(503);
    }

    @Test
    void givesUpOnASlowControlPlane() throws Exception {
        answer = exchange -> Thread.sleep(5000);

        assertThat(Fixture.send(events("intents")).statusCode()).isEqualTo(504);
    }

    @Test
    void refusesLargeAndEncodedBodies() throws Exception {
        var large = Fixture.send(events("intents").POST(BodyPublishers.ofByteArray(new byte[(1 << 20) + 1])));
        var encoded = Fixture.send(events("intents").header("content-encoding", "gzip"));

        assertThat(large.statusCode()).isEqualTo(413);
        assertThat(encoded.statusCode()).isEqualTo(415);
        assertThat(forwarded()).isEmpty();
    }

    @Test
    void knowsNoOtherKindsAndMethods() throws Exception {
        var unknown = Fixture.send(events("intents").uri(gateway.uri().resolve("/v1/products/intents/views")));
        var read = Fixture.send(events("intents").GET());

        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(read.statusCode()).isEqualTo(405);
        assertThat(read.headers().firstValue("allow")).contains("POST");
        assertThat(forwarded()).isEmpty();
    }
}
