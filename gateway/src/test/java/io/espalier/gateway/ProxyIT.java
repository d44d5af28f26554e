package io.espalier.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.linecorp.armeria.server.HttpService;
import io.espalier.gateway.edge.Edge;
import io.espalier.gateway.prediction.Authentication;
import io.espalier.gateway.prediction.RateLimiting;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProxyIT {
    private static final String SIGNED = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=key%2F20260101%2Fus-east-1"
            + "%2Fs3%2Faws4_request&X-Amz-SignedHeaders=host%3Bx-amz-meta-kept&X-Amz-Signature=0a1b";

    @TempDir
    static Path data;

    private static PlayedControlPlane controlPlane;
    private static TestServer store;
    private static PlayedWorker worker;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws Exception {
        worker = new PlayedWorker("one");
        controlPlane = new PlayedControlPlane(Fixture.table(worker.listing(Fixture.BUNDLE)));
        store = new TestServer().on("/", exchange -> {
            exchange.getResponseHeaders().set("set-cookie", "a=b");
            TestServer.answer(exchange, 200, "text/html", "<script>");
        });
        gateway = Gateway.start(Fixture.settings(controlPlane.uri(), store.uri(), data));
        Fixture.await("ready", gateway::isReady);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        controlPlane.close();
        store.close();
        worker.close();
    }

    @BeforeEach
    void forget() {
        controlPlane.received.clear();
        store.received.clear();
        worker.received.clear();
    }

    @Test
    void bindsThePublicRoutesAndNothingElse() {
        Set<PublicRoute> bound = new HashSet<>();

        for (var config : gateway.boundRoutes().serviceConfigs()) {
            HttpService service = config.service();
            Edge edge = service.as(Edge.class);
            assertThat(edge)
                    .as("%s is not on the list of public routes", config.route())
                    .isNotNull();
            assertThat(edge.route().routes())
                    .as("%s is bound elsewhere", edge.route())
                    .contains(config.route());
            boolean chained = service.as(Authentication.class) != null && service.as(RateLimiting.class) != null;
            assertThat(chained)
                    .as("%s goes through the chain exactly if it takes API keys", edge.route())
                    .isEqualTo(edge.route().access() == PublicRoute.Access.API_KEY);
            bound.add(edge.route());
        }

        assertThat(bound).containsExactlyInAnyOrder(PublicRoute.values());
        assertThat(gateway.boundRoutes().serviceConfigs().size())
                .isEqualTo(List.of(PublicRoute.values()).stream()
                        .mapToInt(route -> route.routes().size())
                        .sum());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/internal/secret",
                "//internal/secret",
                "/./internal/secret",
                "/INTERNAL/secret",
                "/Internal/secret",
                "/%69nternal/secret",
                "/api/../internal/secret",
                "/api/%2e%2e/internal/secret",
                "/api/%2E%2E/internal/secret",
                "/api/.%2e/internal/secret",
                "/api/%252e%252e/internal/secret",
                "/api/..%2finternal/secret",
                "/api/..%5cinternal/secret",
                "/api/..\\internal/secret",
                "/api\\..\\internal\\secret",
                "/api;x/../internal/secret",
                "/api/;/../internal/secret",
                "/api/..;/internal/secret",
                "/api/%3b/../internal/secret",
                "/api//../internal/secret",
                "/api/%2f..%2f..%2finternal/secret",
                "/api/x/%00/../../internal/secret",
                "/assets/../internal/secret",
                "/assets/%2e%2e/internal/secret",
                "/objects/../internal/secret?X-Amz-Signature=a",
                "/objects/b/%2e%2e/%2e%2e/internal/secret?X-Amz-Signature=a",
                "/v1/products/../../internal/secret",
                "/v1/products/..%2f..%2finternal%2fsecret%3f/predict",
                "/actuator/env",
                "/metrics",
                "/health",
                "/v1/other",
                "/docs",
                "http://127.0.0.1/internal/secret",
                "/api/%zz",
                "internal/secret",
                "*"
            })
    void neverRoutesWhatIsNotPublic(String target) {
        String answer = Fixture.raw(
                gateway.uri(),
                "GET " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + Fixture.SERVICE_CREDENTIAL
                        + "\r\nConnection: close\r\n\r\n");

        assertThat(answer)
                .matches("(?s)HTTP/1.1 (404|400) .*")
                .contains("application/problem+json", "x-request-id")
                .doesNotContain("\r\nsecret");
        assertThat(reached()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TRACE", "OPTIONS", "CONNECT"})
    void routesNoMethodThatIsNotListed(String method) {
        String answer =
                Fixture.raw(gateway.uri(), method + " /api/tasks HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

        assertThat(answer).matches("(?s)HTTP/1.1 (400|405|501) .*");
        assertThat(reached()).isEmpty();
    }

    @Test
    void saysWhichMethodsAPathKnows() throws Exception {
        var answer = Fixture.send(HttpRequest.newBuilder(at(Fixture.PREDICT)));

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(header(answer, "allow")).isEqualTo("POST");
        assertThat(answer.body()).contains("urn:espalier:problem:method-not-allowed");
    }

    @Test
    void saysThatThereIsNothingWithAWholeProblem() throws Exception {
        var answer = Fixture.send(HttpRequest.newBuilder(at("/nowhere")).header("x-request-id", "mine"));

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body())
                .isEqualTo("{\"type\":\"urn:espalier:problem:not-found\",\"title\":\"There is no such resource\","
                        + "\"status\":404,\"detail\":\"There is nothing at this path.\",\"requestId\":\"mine\"}");
        assertThat(header(answer, "x-request-id")).isEqualTo("mine");
    }

    @Test
    void refusesLinesAndHeadersThatAreTooLong() throws Exception {
        var line = Fixture.send(HttpRequest.newBuilder(at("/api/x?" + "a".repeat(9000))));
        var headers = Fixture.send(HttpRequest.newBuilder(at("/api/x")).header("x-long", "a".repeat(20_000)));

        assertThat(line.statusCode()).isEqualTo(414);
        assertThat(headers.statusCode()).isEqualTo(431);
        assertThat(header(line, "content-type")).isEqualTo("application/problem+json");
        assertThat(reached()).isEmpty();
    }

    @Test
    void passesCookiesAndCredentialsToTheControlPlaneAndNothingThatOnlyAProxyMaySay() throws Exception {
        String answer = Fixture.raw(gateway.uri(), """
                GET /api/tasks?a=b%20c&d=%2F+e HTTP/1.1\r
                Host: shop.example:8443\r
                Cookie: espalier_session=s\r
                X-XSRF-TOKEN: t\r
                Authorization: Bearer operator\r
                Forwarded: for=1.1.1.1\r
                X-Forwarded-For: 1.1.1.1\r
                X-Forwarded-Host: evil\r
                X-Forwarded-Prefix: /evil\r
                X-Real-IP: 1.1.1.1\r
                X-Original-URL: /internal/secret\r
                X-HTTP-Method-Override: DELETE\r
                X-Model-Id: forged\r
                X-Espalier-Tenant: forged\r
                Keep-Alive: timeout=5\r
                X-Hop: 1\r
                X-Request-Id: r-1\r
                Connection: close, X-Hop\r
                \r
                """);

        var received = controlPlane.receivedAt("/api/").getFirst();
        assertThat(received.header("cookie")).isEqualTo("espalier_session=s");
        assertThat(received.header("x-xsrf-token")).isEqualTo("t");
        assertThat(received.header("authorization")).isEqualTo("Bearer operator");
        assertThat(received.headers().get("x-forwarded-for")).containsExactly("127.0.0.1");
        assertThat(received.headers().get("x-forwarded-proto")).containsExactly("http");
        assertThat(received.headers().get("x-forwarded-host")).containsExactly("shop.example:8443");
        assertThat(received.headers().get("x-forwarded-port")).containsExactly("8443");
        assertThat(received.header("x-request-id")).isEqualTo("r-1");
        assertThat(received.header("host")).isEqualTo(controlPlane.uri().getAuthority());
        assertThat(received.headers().keySet())
                .doesNotContain(
                        "Forwarded",
                        "X-forwarded-prefix",
                        "X-real-ip",
                        "X-original-url",
                        "X-http-method-override",
                        "X-model-id",
                        "X-espalier-tenant",
                        "Keep-alive",
                        "X-hop");
        assertThat(answer)
                .containsOnlyOnce("x-request-id: r-1")
                .contains("set-cookie: espalier_session=s; HttpOnly", "x-content-type-options: nosniff")
                .doesNotContain("its-own", "played");
        // A space may come as a plus: in a query they mean the same.
        assertThat(received.target()).isEqualTo("/api/tasks?a=b+c&d=%2F+e");
    }

    @Test
    void doesNotPassTheServiceCredentialOn() throws Exception {
        Fixture.send(HttpRequest.newBuilder(at("/api/tasks"))
                .header("authorization", "bearer  " + Fixture.SERVICE_CREDENTIAL));

        assertThat(controlPlane.receivedAt("/api/").getFirst().header("authorization"))
                .isNull();
    }

    @Test
    void servesTheConsoleWithSecurityHeaders() throws Exception {
        var answer = Fixture.send(HttpRequest.newBuilder(at("/")));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("<h1>Espalier</h1>");
        assertThat(header(answer, "x-content-type-options")).isEqualTo("nosniff");
        assertThat(header(answer, "x-frame-options")).isEqualTo("DENY");
        assertThat(header(answer, "referrer-policy")).isEqualTo("same-origin");
    }

    @Test
    void streamsEventsAsTheyHappen() throws Exception {
        var answer = Fixture.HTTP.send(
                HttpRequest.newBuilder(at("/api/events")).build(), HttpResponse.BodyHandlers.ofInputStream());

        try (var lines = new BufferedReader(new InputStreamReader(answer.body()))) {
            // The second event happens only now: the first was not held back for it.
            assertThat(lines.readLine()).isEqualTo("id: 1");
            assertThat(lines.readLine()).isEqualTo("data: first");
            // Longer than a request may pause.
            TimeUnit.MILLISECONDS.sleep(2500);
            controlPlane.nextEvent.countDown();
            assertThat(lines.lines().toList()).contains("data: second");
        }
    }

    @Test
    void givesPresignedRequestsToTheStoreUnderItsOwnHostAndPath() throws Exception {
        var answer = Fixture.send(HttpRequest.newBuilder(at("/objects/espalier/tenants/a%20b/x.csv?" + SIGNED))
                .header("cookie", "espalier_session=s")
                .header("authorization", "Bearer " + Fixture.KEY)
                .header("x-amz-copy-source", "/espalier/tenants/other/secret")
                .header("x-amz-meta-kept", "signed")
                .header("content-type", "text/csv")
                .PUT(HttpRequest.BodyPublishers.ofString("a,b")));

        assertThat(answer.statusCode()).isEqualTo(200);
        var received = store.received.getFirst();
        assertThat(received.target()).isEqualTo("/espalier/tenants/a%20b/x.csv?" + SIGNED);
        assertThat(received.header("host")).isEqualTo(store.uri().getAuthority());
        assertThat(received.header("content-type")).isEqualTo("text/csv");
        assertThat(received.header("content-length")).isEqualTo("3");
        assertThat(received.header("x-amz-meta-kept")).isEqualTo("signed");
        assertThat(received.header("x-amz-copy-source")).isNull();
        assertThat(received.header("cookie")).isNull();
        assertThat(received.header("authorization")).isNull();
        assertThat(header(answer, "content-security-policy")).contains("sandbox");
        assertThat(answer.headers().firstValue("set-cookie")).isEmpty();
    }

    @Test
    void turnsAwayWhatIsNotPresigned() throws Exception {
        var none = Fixture.send(HttpRequest.newBuilder(at("/objects/espalier/key")));
        var empty = Fixture.send(HttpRequest.newBuilder(at("/objects/espalier/key?X-Amz-Signature=")));
        var bucket = Fixture.send(HttpRequest.newBuilder(at("/objects/espalier?" + SIGNED)));
        var delete = Fixture.send(
                HttpRequest.newBuilder(at("/objects/espalier/key?" + SIGNED)).DELETE());

        assertThat(List.of(none.statusCode(), empty.statusCode(), bucket.statusCode(), delete.statusCode()))
                .containsExactly(403, 403, 404, 405);
        assertThat(store.received).isEmpty();
    }

    @Test
    void saysThatTheStoreIsAway(@TempDir Path elsewhere) throws Exception {
        try (TestServer gone = new TestServer()) {
            gone.close();
            try (Gateway cut = Gateway.start(Fixture.settings(gone.uri(), gone.uri(), elsewhere))) {
                for (String path : List.of("/api/tasks", "/", "/objects/b/k?" + SIGNED)) {
                    var answer = Fixture.send(HttpRequest.newBuilder(cut.uri().resolve(path)));

                    assertThat(answer.statusCode()).isEqualTo(503);
                    assertThat(answer.body()).contains("urn:espalier:problem:unavailable", "cannot be reached");
                    assertThat(header(answer, "retry-after")).isEqualTo("1");
                }
            }
        }
    }

    private static List<TestServer.Received> reached() {
        return java.util.stream.Stream.of(controlPlane, store, worker)
                .flatMap(server -> server.received.stream())
                .filter(request -> !request.target().startsWith("/internal/route-table")
                        && !request.target().equals("/health/ready"))
                .toList();
    }

    private static URI at(String path) {
        return gateway.uri().resolve(path);
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }
}
