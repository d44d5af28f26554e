package io.espalier.controlplane.tenancy;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.Caller.Answer;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.platform.TenantContext;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

@ControlPlaneTest
@Timeout(90)
class SessionIT {
    private static final String COOKIE = "espalier_session";
    private static final String NEW_PASSWORD = "another long password";

    @LocalServerPort
    private int port;

    @Autowired
    private JdbcClient jdbc;

    @Autowired
    private TransactionTemplate transaction;

    private Caller owner;
    private UUID tenant;

    @BeforeEach
    void logIn() {
        owner = Caller.ofNewTenant(port);
        tenant = owner.tenant();
    }

    private Answer logIn(Caller who, String email, String password) {
        return who.post("/api/session", Map.of("email", email, "password", password));
    }

    @Test
    void namesTheMemberAndTheTenant() {
        var session = owner.get("/api/session").expect(200);

        assertThat(session.body().at("/member/email").asString()).isEqualTo(owner.email());
        assertThat(session.body().at("/member/role").asString()).isEqualTo("OWNER");
        assertThat(session.body().at("/tenant/name").asString()).isEqualTo("Tenant of " + owner.email());
        assertThat(session.text()).doesNotContainIgnoringCase("password").doesNotContain("pbkdf2");
    }

    @Test
    void keepsTheTokenAwayFromScriptsAndForeignPages() {
        var login =
                logIn(Caller.anonymous(port), owner.email(), Caller.PASSWORD).expect(200);

        assertThat(login.cookies().stream().filter(cookie -> cookie.startsWith(COOKIE + "=")))
                .singleElement()
                .asString()
                .contains("; HttpOnly", "; SameSite=Lax", "; Path=/", "; Max-Age=2592000")
                .doesNotContain("Secure");
        assertThat(login.cookies().stream().filter(cookie -> cookie.startsWith("XSRF-TOKEN=")))
                .as("The token against forged requests is for scripts to read.")
                .singleElement()
                .asString()
                .doesNotContain("HttpOnly");
        assertThat(login.text()).doesNotContain(cookieValue(login));
    }

    @Test
    void keepsTheTokenToEncryptedConnectionsWhereTheGatewayHasOne() {
        var login = Caller.anonymous(port)
                .exchange("POST", "/api/session", credentials(), Map.of("X-Forwarded-Proto", "https"))
                .expect(200);

        assertThat(login.cookies())
                .filteredOn(cookie -> cookie.startsWith(COOKIE))
                .singleElement()
                .asString()
                .contains("; Secure");
    }

    @Test
    void storesOnlyTheHashOfTheToken() {
        String token = owner.cookie(COOKIE);

        String stored = TenantContext.call(
                tenant,
                () -> transaction.execute(status -> jdbc.sql("select token_sha256 from session")
                        .query(String.class)
                        .single()));

        assertThat(stored).isEqualTo(Sha256.of(token)).isNotEqualTo(token);
    }

    @Test
    void givesANewTokenAtEveryLoginWhateverTheCallerBrings() {
        String planted = "A".repeat(43);

        var login = Caller.anonymous(port)
                .exchange("POST", "/api/session", credentials(), Map.of("cookie", COOKIE + "=" + planted))
                .expect(200);

        assertThat(cookieValue(login)).isNotEqualTo(planted).isNotEqualTo(owner.cookie(COOKIE));
        withToken(planted, "GET", "/api/session").expect(401);
        withToken(cookieValue(login), "GET", "/api/session").expect(200);
    }

    @Test
    void saysTheSameOfAWrongPasswordAndAnUnknownAddress() {
        Caller guesser = Caller.anonymous(port);

        var wrong = logIn(guesser, owner.email(), "a wrong long password").expect(401);
        var unknown = logIn(guesser, UUID.randomUUID() + "@example.com", Caller.PASSWORD)
                .expect(401);
        var noAddress = logIn(guesser, "nobody", Caller.PASSWORD).expect(401);

        assertThat(wrong.string("type")).isEqualTo("urn:espalier:problem:unauthenticated");
        assertThat(wrong.string("detail"))
                .isEqualTo("The email address or the password is wrong.")
                .isEqualTo(unknown.string("detail"))
                .isEqualTo(noAddress.string("detail"));
        assertThat(wrong.cookies()).noneMatch(cookie -> cookie.startsWith(COOKIE));
    }

    @Test
    void findsTheAddressInAnyCase() {
        logIn(Caller.anonymous(port), " " + owner.email().toUpperCase(Locale.ROOT) + " ", Caller.PASSWORD)
                .expect(200);
    }

    @Test
    void namesTheFieldsThatALoginLacks() {
        var answer = owner.post("/api/session", Map.of("email", " ")).expect(422);

        assertThat(answer.body().findValuesAsString("field")).containsExactly("email", "password");
        owner.post("/api/session", "no json").expect(400);
    }

    @Test
    void refusesAddressesThatAreLongerThanAnyIs() {
        var answer =
                logIn(Caller.anonymous(port), "x".repeat(255), Caller.PASSWORD).expect(422);

        assertThat(answer.body().at("/errors/0/field").asString()).isEqualTo("email");
    }

    @Test
    void endsAtLogout() {
        String token = owner.cookie(COOKIE);

        var logout = owner.delete("/api/session").expect(204);

        assertThat(logout.cookies())
                .filteredOn(cookie -> cookie.startsWith(COOKIE))
                .singleElement()
                .asString()
                .contains("Max-Age=0", "HttpOnly");
        withToken(token, "GET", "/api/session").expect(401);
    }

    @Test
    void endsAfterHalfADayWithoutRequestsAndAfterAMonthAnyway() {
        String idle = owner.cookie(COOKIE);
        String old = cookieValue(
                logIn(Caller.anonymous(port), owner.email(), Caller.PASSWORD).expect(200));
        age(idle, "last_seen_at = now() - interval '12 hours 1 minute'");
        age(old, "created_at = now() - interval '30 days 1 minute'");

        withToken(idle, "GET", "/api/session").expect(401);
        withToken(old, "GET", "/api/session").expect(401);
    }

    @Test
    void isSeenAtRequests() {
        String token = owner.cookie(COOKIE);
        age(token, "last_seen_at = now() - interval '11 hours'");

        withToken(token, "GET", "/api/session").expect(200);

        age(token, "last_seen_at = last_seen_at - interval '2 hours'");
        withToken(token, "GET", "/api/session").expect(200);
    }

    private void age(String token, String change) {
        int aged = TenantContext.call(
                tenant,
                () -> transaction.execute(status -> jdbc.sql("update session set " + change + " where token_sha256 = ?")
                        .param(Sha256.of(token))
                        .update()));
        assertThat(aged).isEqualTo(1);
    }

    @Test
    void isNotOpenedByAnotherCredential() {
        withToken("", "GET", "/api/session").expect(401);
        var answer = Caller.anonymous(port).get("/api/session").expect(401);

        assertThat(answer.headers()).containsEntry("www-authenticate", "Bearer");
        assertThat(answer.headers().get("content-type")).startsWith("application/problem+json");
        assertThat(answer.string("requestId")).isEqualTo(answer.headers().get("x-request-id"));
    }

    @Nested
    class WhenThePasswordChanges {
        private final String path = "/api/session/password";

        @Test
        void endsEveryOtherSession() {
            String other = cookieValue(logIn(Caller.anonymous(port), owner.email(), Caller.PASSWORD)
                    .expect(200));

            owner.put(path, Map.of("currentPassword", Caller.PASSWORD, "newPassword", NEW_PASSWORD))
                    .expect(204);

            owner.get("/api/session").expect(200);
            withToken(other, "GET", "/api/session").expect(401);
            logIn(Caller.anonymous(port), owner.email(), Caller.PASSWORD).expect(401);
            logIn(Caller.anonymous(port), owner.email(), NEW_PASSWORD).expect(200);
        }

        @Test
        void asksForThePresentOne() {
            var answer = owner.put(path, Map.of("currentPassword", "guessed", "newPassword", NEW_PASSWORD))
                    .expect(422);

            assertThat(answer.body().at("/errors/0/field").asString()).isEqualTo("currentPassword");
            logIn(Caller.anonymous(port), owner.email(), NEW_PASSWORD).expect(401);
        }

        @Test
        void refusesToBeAskedForeverWhatThePresentOneIs() {
            for (int i = 0; i < 10; i++) {
                owner.put(path, Map.of("currentPassword", "x".repeat(500_000), "newPassword", NEW_PASSWORD))
                        .expect(422);
            }

            owner.put(path, Map.of("currentPassword", Caller.PASSWORD, "newPassword", NEW_PASSWORD))
                    .expect(429);
            logIn(Caller.anonymous(port), owner.email(), Caller.PASSWORD).expect(200);
        }

        @Test
        void refusesShortAndEndlessOnes() {
            for (String password : new String[] {"elevenchars", "x".repeat(257)}) {
                var answer = owner.put(path, Map.of("currentPassword", Caller.PASSWORD, "newPassword", password))
                        .expect(422);

                assertThat(answer.body().at("/errors/0/field").asString()).isEqualTo("newPassword");
            }
            logIn(Caller.anonymous(port), owner.email(), Caller.PASSWORD).expect(200);
        }
    }

    @Nested
    class WhenAPageForgesARequest {
        @Test
        void refusesUnsafeMethodsWithoutTheToken() {
            String token = owner.cookie(COOKIE);

            for (String method : new String[] {"POST", "PUT", "PATCH", "DELETE"}) {
                var refused = withToken(token, method, "/api/products").expect(403);
                assertThat(refused.string("type")).isEqualTo("urn:espalier:problem:forbidden");
            }
            withToken(token, "DELETE", "/api/session").expect(403);

            withToken(token, "GET", "/api/products").expect(200);
        }

        @Test
        void refusesATokenThatIsNotTheCookies() {
            var body = Map.of("name", "Forged", "task", "text-classification");

            owner.exchange(
                            "POST",
                            "/api/products",
                            body,
                            Map.of("X-XSRF-TOKEN", UUID.randomUUID().toString()))
                    .expect(403);

            assertThat(owner.get("/api/products").body().path("items").size()).isZero();
            owner.post("/api/products", body).expect(201);
        }
    }

    @Nested
    class WhenPasswordsAreGuessed {
        /** As the gateway says it. */
        private static final String ADDRESS = "203.0.113.5";

        private Answer guess(String email, String password, String from) {
            return Caller.anonymous(port)
                    .exchange(
                            "POST",
                            "/api/session",
                            Map.of("email", email, "password", password),
                            Map.of("X-Forwarded-For", from));
        }

        @Test
        void refusesTheEleventhAttemptEvenWithTheRightPassword() {
            for (int i = 0; i < 10; i++) {
                guess(owner.email(), "a wrong long password", ADDRESS).expect(401);
            }

            var refused = guess(owner.email(), Caller.PASSWORD, ADDRESS).expect(429);

            assertThat(refused.string("type")).isEqualTo("urn:espalier:problem:rate-limited");
            assertThat(Integer.parseInt(refused.headers().get("retry-after")))
                    .as("seconds of the quarter of an hour that are left")
                    .isBetween(14 * 60, 15 * 60);
            assertThat(refused.cookies()).noneMatch(cookie -> cookie.startsWith(COOKIE));
            // The address in other letters is the same; another network address is another guesser.
            guess(owner.email().toUpperCase(Locale.ROOT), Caller.PASSWORD, ADDRESS)
                    .expect(429);
            guess(owner.email(), Caller.PASSWORD, "198.51.100.7").expect(200);
            owner.get("/api/session").expect(200);
        }

        @Test
        void forgetsTheFailuresAfterASuccess() {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 9; i++) {
                    guess(owner.email(), "a wrong long password", ADDRESS).expect(401);
                }
                guess(owner.email(), Caller.PASSWORD, ADDRESS).expect(200);
            }
        }
    }

    private Map<String, String> credentials() {
        return Map.of("email", owner.email(), "password", Caller.PASSWORD);
    }

    /** A request with the session's cookie and nothing else that a browser would add. */
    private Answer withToken(String token, String method, String path) {
        return Caller.anonymous(port).exchange(method, path, Map.of(), Map.of("cookie", COOKIE + "=" + token));
    }

    private static String cookieValue(Answer login) {
        return login.cookies().stream()
                .filter(cookie -> cookie.startsWith(COOKIE + "="))
                .map(cookie -> cookie.substring(COOKIE.length() + 1, cookie.indexOf(';')))
                .findFirst()
                .orElseThrow();
    }
}
