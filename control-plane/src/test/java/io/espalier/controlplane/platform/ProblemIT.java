package io.espalier.controlplane.platform;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;

/** What is answered to requests that no controller expects. */
@ControlPlaneTest
@Timeout(90)
class ProblemIT {
    /** A login with a password of a little more than a megabyte. */
    private static final String LARGE = "{\"email\": \"a@example.com\", \"password\": \""
            + "x".repeat((int) RequestBodies.LARGEST.toBytes()) + "\"}";

    @LocalServerPort
    private int port;

    @Test
    void callsParametersMalformedThatCannotBeRead() {
        Caller caller = Caller.ofNewTenant(port);

        for (String query : new String[] {"?=x", "?cursor=%FF"}) {
            var answer = caller.get("/api/datasets" + query).expect(400);
            assertThat(answer.string("type")).as(query).isEqualTo("urn:espalier:problem:malformed-request");
        }
    }

    @Test
    void readsNoLargeBodyThatIsDeclared() {
        var answer = Caller.anonymous(port).post("/api/session", LARGE).expect(413);

        assertThat(answer.string("type")).isEqualTo("urn:espalier:problem:payload-too-large");
        assertThat(answer.string("detail")).isEqualTo("A body may have up to 1,048,576 bytes.");
    }

    @Test
    void readsNoLargeBodyToItsEndThatIsNotDeclared() throws Exception {
        var body =
                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(LARGE.getBytes(StandardCharsets.US_ASCII)));
        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/session"))
                .header("content-type", "application/json")
                .POST(body)
                .build();

        var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(413);
        assertThat(answer.body()).contains("urn:espalier:problem:payload-too-large");
    }

    @Test
    void findsNothingWhereAnotherRequestDeletedFirst() {
        Caller caller = Caller.ofNewTenant(port);

        for (int round = 0; round < 5; round++) {
            String member = "/api/members/"
                    + caller.post(
                                    "/api/members",
                                    Map.of("email", UUID.randomUUID() + "@example.com", "password", Caller.PASSWORD))
                            .expect(201)
                            .string("id");

            var statuses = IntStream.range(0, 4)
                    .parallel()
                    .map(i -> caller.delete(member).status())
                    .boxed()
                    .toList();

            assertThat(statuses).containsOnlyOnce(204).allMatch(status -> status == 204 || status == 404);
        }
    }
}
