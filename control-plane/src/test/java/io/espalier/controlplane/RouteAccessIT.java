package io.espalier.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.Servers;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/** Which credential opens which route, asked of every route that there is. */
@ControlPlaneTest
@Timeout(90)
class RouteAccessIT {
    private static final Set<String> ANONYMOUS = Set.of("POST /api/session", "GET /api/openapi.json");
    private static final Set<String> OPERATOR = Set.of("POST /api/tenants", "GET /api/tenants");
    private static final Set<String> SERVICE = Set.of(
            "GET /internal/route-table",
            "PUT /internal/inference-workers/{id}",
            "POST /internal/inference-workers/{id}/events",
            "POST /internal/tenants/{tenant}/products/{product}/events/{kind}",
            "POST /internal/jobs/{tenant}/{job}/progress",
            "POST /internal/dataset-versions/{tenant}/{version}/progress");
    /** The container forwards here; who asks for it directly learns nothing. */
    private static final Set<String> NOBODY = Set.of("ANY /error");

    @LocalServerPort
    private int port;

    @Autowired
    @Qualifier("requestMappingHandlerMapping")
    private RequestMappingHandlerMapping mappings;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void opensEveryRouteToOneKindOfCallerOnly() {
        Set<String> members = routes();
        members.removeAll(ANONYMOUS);
        members.removeAll(OPERATOR);
        members.removeAll(SERVICE);
        members.removeAll(NOBODY);
        assertThat(members)
                .as("A route that is not in a list above is a member's, and lies under /api.")
                .hasSizeGreaterThan(25)
                .allMatch(route -> route.contains(" /api/"));
        assertThat(routes()).containsAll(ANONYMOUS).containsAll(OPERATOR).containsAll(SERVICE);

        Map<String, String> expected = new TreeMap<>();
        Map<String, String> found = new TreeMap<>();
        for (String route : routes()) {
            expected.put(route, expectedAccess(route));
            found.put(route, access(route));
        }

        assertThat(found).isEqualTo(expected);
    }

    @Test
    void opensEveryOtherRouteOfTheApiToSessions() {
        Map<String, Integer> refused = new TreeMap<>();
        Caller member = Caller.ofNewTenant(port);
        routes().stream()
                .filter(route -> route.contains(" /api/") && !OPERATOR.contains(route))
                // Logging out comes last.
                .sorted(Comparator.comparing(route -> route.equals("DELETE /api/session")))
                .forEach(route -> {
                    String session = member.cookie("espalier_session");
                    String token = member.cookie("XSRF-TOKEN");
                    int status = status(
                            route,
                            "cookie",
                            "espalier_session=" + session + "; XSRF-TOKEN=" + token,
                            "x-xsrf-token",
                            token);
                    if (status == 401 || status == 403 || status >= 500) {
                        refused.put(route, status);
                    }
                });

        assertThat(refused).isEmpty();
    }

    @Test
    void deniesWhatIsNotARoute() {
        for (String path : Set.of("/internal/nothing", "/api/nothing", "/nothing", "/env", "/actuator/health")) {
            assertThat(status("GET " + path)).as(path).isEqualTo(401);
        }
        assertThat(status("POST /health/ready")).isEqualTo(401);
        assertThat(status("GET /health/ready")).isEqualTo(200);
    }

    private static String expectedAccess(String route) {
        if (ANONYMOUS.contains(route)) {
            return "anonymous, operator, service";
        }
        return OPERATOR.contains(route) ? "operator" : SERVICE.contains(route) ? "service" : "";
    }

    /** Who of those without a session is let in. */
    private String access(String route) {
        Set<String> admitted = new TreeSet<>();
        if (admits(status(route))) {
            admitted.add("anonymous");
        }
        if (admits(status(route, "authorization", "Bearer " + Servers.OPERATOR_CREDENTIAL))) {
            admitted.add("operator");
        }
        if (admits(status(route, "authorization", "Bearer " + Servers.SERVICE_CREDENTIAL))) {
            admitted.add("service");
        }
        // A credential in the place of a session, and a session that nobody has.
        if (admits(status(route, "cookie", "espalier_session=" + Servers.OPERATOR_CREDENTIAL))
                && !ANONYMOUS.contains(route)) {
            admitted.add("anybody with a cookie");
        }
        return String.join(", ", admitted);
    }

    private static boolean admits(int status) {
        return status != 401 && status != 403;
    }

    /** Method and path of everything that a controller answers, ours and those of libraries. */
    private Set<String> routes() {
        return mappings.getHandlerMethods().keySet().stream()
                .flatMap(mapping -> mapping.getPatternValues().stream().flatMap(path -> {
                    var methods = mapping.getMethodsCondition().getMethods();
                    return methods.isEmpty()
                            ? java.util.stream.Stream.of("ANY " + path)
                            : methods.stream().map(method -> method + " " + path);
                }))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private int status(String route, String... headers) {
        String method = route.substring(0, route.indexOf(' ')).replace("ANY", "GET");
        String path = route.substring(route.indexOf(' ') + 1)
                .replaceAll("\\{[^}]*}", UUID.randomUUID().toString());
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, BodyPublishers.noBody())
                .timeout(Duration.ofSeconds(20));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            var response = http.send(request.build(), BodyHandlers.ofInputStream());
            // The route table's stream has no end.
            response.body().close();
            return response.statusCode();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(route, e);
        }
    }
}
