package io.espalier.controlplane.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.route.RouteTable;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.RouteTableReader;
import io.espalier.controlplane.platform.TenantContext;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ControlPlaneTest
@Timeout(90)
class ApiKeyIT {
    private static final String PATH = "/api/api-keys";

    @LocalServerPort
    private int port;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private Caller caller;

    @BeforeEach
    void logIn() {
        caller = Caller.ofNewTenant(port);
    }

    @Test
    void isShownOnceAndStoredAsAHash() {
        var made = caller.post(PATH, Map.of("name", " Website ")).expect(201);

        String key = made.string("key");
        assertThat(key).matches("esp_live_[0-9A-Za-z]{43}");
        assertThat(made.string("name")).isEqualTo("Website");
        assertThat(made.string("prefix")).isEqualTo(key.substring(0, 13));
        assertThat(made.body().path("requestsPerMinute").asInt()).isEqualTo(6_000);
        var listed = caller.get(PATH).expect(200);
        assertThat(listed.body().at("/items/0/id").asString()).isEqualTo(made.string("id"));
        assertThat(listed.body().at("/items/0/prefix").asString()).isEqualTo(made.string("prefix"));
        assertThat(listed.text()).doesNotContain(key, Sha256.of(key)).doesNotContain("\"key\"");
        String row = TenantContext.call(
                caller.tenant(),
                () -> transaction.execute(status -> jdbc.sql("select to_jsonb(k)::text from api_key k")
                        .query(String.class)
                        .single()));
        assertThat(row).contains(Sha256.of(key)).doesNotContain(key);
    }

    @Test
    void isAnotherOneEachTime() {
        var first = caller.post(PATH, Map.of("name", "Website")).expect(201);
        var second = caller.post(PATH, Map.of("name", "Website")).expect(201);

        assertThat(second.string("key")).isNotEqualTo(first.string("key"));
        assertThat(caller.get(PATH).body().path("items").findValuesAsString("id"))
                .containsExactly(second.string("id"), first.string("id"));
    }

    @Test
    void reachesTheGatewaysAndLeavesThemWhenRevoked() {
        try (var routes = new RouteTableReader(port)) {
            var made = caller.post(PATH, Map.of("name", "Website", "requestsPerMinute", 7))
                    .expect(201);
            String hash = Sha256.of(made.string("key"));

            var table = routes.await(newest -> find(newest, hash) != null);

            assertThat(find(table, hash))
                    .isEqualTo(new RouteTable.ApiKey(hash, caller.tenant(), UUID.fromString(made.string("id")), 7));
            assertThat(table.toString()).doesNotContain(made.string("key"));

            caller.delete(PATH + "/" + made.string("id")).expect(204);

            var after = routes.await(newest -> find(newest, hash) == null);
            assertThat(after.version()).isGreaterThan(table.version());
        }
    }

    private static RouteTable.ApiKey find(RouteTable table, String hash) {
        return table.keys().stream()
                .filter(key -> key.sha256().equals(hash))
                .findFirst()
                .orElse(null);
    }

    @Test
    void staysInTheListWhenRevokedAndIsRevokedOnce() {
        String id = caller.post(PATH, Map.of("name", "Website")).expect(201).string("id");
        assertThat(caller.get(PATH).body().at("/items/0/revokedAt").isMissingNode())
                .isTrue();

        caller.delete(PATH + "/" + id).expect(204);
        String revoked = caller.get(PATH).body().at("/items/0/revokedAt").asString();
        caller.delete(PATH + "/" + id).expect(204);

        assertThat(revoked).isNotEmpty();
        assertThat(caller.get(PATH).body().at("/items/0/revokedAt").asString()).isEqualTo(revoked);
    }

    @Test
    void namesWhatIsWrongWithAWish() {
        var answer =
                caller.post(PATH, Map.of("name", "", "requestsPerMinute", 0)).expect(422);

        assertThat(answer.body().path("errors").findValuesAsString("field"))
                .containsExactly("name", "requestsPerMinute");
        assertThat(caller.get(PATH).body().path("items").size()).isZero();
    }

    @Test
    void isNothingToAnotherTenant() {
        String id = caller.post(PATH, Map.of("name", "Website")).expect(201).string("id");
        Caller stranger = Caller.ofNewTenant(port);

        var foreign = stranger.delete(PATH + "/" + id).expect(404);

        assertThat(foreign.string("detail"))
                .isEqualTo(stranger.delete(PATH + "/" + UUID.randomUUID()).string("detail"));
        assertThat(stranger.get(PATH).body().path("items").size()).isZero();
        assertThat(caller.get(PATH).body().at("/items/0/revokedAt").isMissingNode())
                .isTrue();
    }

    @Test
    void opensNothingOfTheControlPlane() {
        String key = caller.post(PATH, Map.of("name", "Website")).expect(201).string("key");

        Caller.anonymous(port)
                .exchange("GET", "/api/products", "", Map.of("authorization", "Bearer " + key))
                .expect(401);
    }
}
