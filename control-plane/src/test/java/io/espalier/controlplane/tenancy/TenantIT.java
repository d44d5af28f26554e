package io.espalier.controlplane.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.Caller.Answer;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.Servers;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;

@ControlPlaneTest
@Timeout(90)
class TenantIT {
    private static final String PATH = "/api/tenants";

    @LocalServerPort
    private int port;

    private Answer operator(String method, String path, Object body) {
        return bearer(Servers.OPERATOR_CREDENTIAL, method, path, body);
    }

    private Answer bearer(String credential, String method, String path, Object body) {
        return Caller.anonymous(port).exchange(method, path, body, Map.of("authorization", "Bearer " + credential));
    }

    private static Map<String, Object> wish(String name, String email, String password) {
        return Map.of("name", name, "owner", Map.of("email", email, "password", password));
    }

    private static String someAddress() {
        return UUID.randomUUID() + "@example.com";
    }

    @Test
    void isMadeWithAnOwnerWhoMayLogIn() {
        String email = someAddress();

        var made =
                operator("POST", PATH, wish(" Acme ", email, Caller.PASSWORD)).expect(201);

        assertThat(made.string("name")).isEqualTo("Acme");
        assertThat(operator("GET", PATH + "?limit=1", "")
                        .body()
                        .at("/items/0/id")
                        .asString())
                .isEqualTo(made.string("id"));
        var login = Caller.anonymous(port)
                .post("/api/session", Map.of("email", email, "password", Caller.PASSWORD))
                .expect(200);
        assertThat(login.body().at("/tenant/id").asString()).isEqualTo(made.string("id"));
        assertThat(login.body().at("/member/role").asString()).isEqualTo("OWNER");
    }

    @Test
    void isTheOperatorsAlone() {
        var wish = wish("Acme", someAddress(), Caller.PASSWORD);
        Caller member = Caller.ofNewTenant(port);

        for (String method : new String[] {"GET", "POST"}) {
            Caller.anonymous(port).exchange(method, PATH, wish, Map.of()).expect(401);
            bearer("a guess", method, PATH, wish).expect(401);
            bearer(Servers.SERVICE_CREDENTIAL, method, PATH, wish).expect(401);
            member.exchange(method, PATH, wish, Map.of()).expect(403);
        }
        assertThat(operator("GET", PATH, "").expect(200).body().path("items").size())
                .isPositive();
    }

    @Test
    void givesTheOperatorNothingOfATenant() {
        for (String path : new String[] {"/api/products", "/api/datasets", "/api/members", "/api/session"}) {
            operator("GET", path, "").expect(403);
        }
        operator("GET", "/internal/route-table", "").expect(401);
    }

    @Test
    void isMadeWithItsOwnerOrNotAtAll() {
        String taken = Caller.ofNewTenant(port).email();
        String before =
                operator("GET", PATH + "?limit=1", "").body().at("/items/0/id").asString();

        var answer = operator("POST", PATH, wish("Acme", taken.toUpperCase(Locale.ROOT), "short"))
                .expect(422);

        assertThat(answer.body().path("errors").findValuesAsString("field"))
                .containsExactly("owner.email", "owner.password");
        assertThat(operator("GET", PATH + "?limit=1", "")
                        .body()
                        .at("/items/0/id")
                        .asString())
                .isEqualTo(before);
    }

    @Test
    void namesTheFieldsThatAWishLacks() {
        assertThat(operator("POST", PATH, Map.of("name", " "))
                        .expect(422)
                        .body()
                        .path("errors")
                        .findValuesAsString("field"))
                .containsExactly("name", "owner");
        assertThat(operator(
                                "POST",
                                PATH,
                                Map.of("name", "Acme", "owner", Map.of("email", someAddress()), "admin", true))
                        .expect(422)
                        .body()
                        .at("/errors/0/field")
                        .asString())
                .isEqualTo("admin");
    }
}
