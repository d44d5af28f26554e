package io.espalier.controlplane.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;

@ControlPlaneTest
@Timeout(90)
class MemberIT {
    private static final String PATH = "/api/members";

    @LocalServerPort
    private int port;

    private Caller owner;
    private Map<String, String> colleague;

    @BeforeEach
    void logIn() {
        owner = Caller.ofNewTenant(port);
        colleague = Map.of("email", UUID.randomUUID() + "@example.com", "password", Caller.PASSWORD);
    }

    @Test
    void worksInTheTenantOfWhoeverAddedIt() {
        var added = owner.post(PATH, colleague).expect(201);

        Caller member = Caller.anonymous(port);
        member.post("/api/session", colleague).expect(200);

        assertThat(added.string("role")).isEqualTo("MEMBER");
        assertThat(member.tenant()).isEqualTo(owner.tenant());
        assertThat(member.get(PATH).body().path("items").findValuesAsString("email"))
                .containsExactly(colleague.get("email"), owner.email());
        assertThat(added.text()).doesNotContainIgnoringCase("password");
    }

    @Test
    void losesItsSessionsWhenRemoved() {
        String id = owner.post(PATH, colleague).expect(201).string("id");
        Caller member = Caller.anonymous(port);
        member.post("/api/session", colleague).expect(200);

        owner.delete(PATH + "/" + id).expect(204);

        member.get("/api/session").expect(401);
        member.post("/api/session", colleague).expect(401);
        owner.delete(PATH + "/" + id).expect(404);
        // The address is free again.
        owner.post(PATH, colleague).expect(201);
    }

    @Test
    void leavesTheOwner() {
        String id = owner.get(PATH).body().at("/items/0/id").asString();

        owner.delete(PATH + "/" + id).expect(409);

        owner.get("/api/session").expect(200);
    }

    @Test
    void hasAnAddressThatNobodyElseHas() {
        Caller stranger = Caller.ofNewTenant(port);

        var taken = stranger.post(PATH, Map.of("email", owner.email(), "password", Caller.PASSWORD))
                .expect(422);
        var both = stranger.post(PATH, Map.of("email", "no address", "password", "short"))
                .expect(422);

        assertThat(taken.body().at("/errors/0/message").asString()).isEqualTo("is used already");
        assertThat(both.body().path("errors").findValuesAsString("field")).containsExactly("email", "password");
    }

    @Test
    void isNothingToAnotherTenant() {
        String id = owner.post(PATH, colleague).expect(201).string("id");
        Caller stranger = Caller.ofNewTenant(port);

        stranger.delete(PATH + "/" + id).expect(404);

        assertThat(stranger.get(PATH).body().path("items").findValuesAsString("email"))
                .containsExactly(stranger.email());
        assertThat(owner.get(PATH).body().path("items").size()).isEqualTo(2);
    }
}
