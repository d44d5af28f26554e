package io.espalier.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The interface as it was last agreed on: the console's types are generated from this file. */
@ControlPlaneTest
@Timeout(90)
class OpenApiSnapshotIT {
    private static final Path SNAPSHOT =
            Path.of(System.getProperty("basedir", "control-plane"), "..", "web-console", "openapi.json");
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    @LocalServerPort
    private int port;

    @Test
    void isTheCommittedDescription() throws IOException {
        String current = sorted(
                Caller.anonymous(port).get("/api/openapi.json").expect(200).text());

        if ("write".equals(System.getenv("ESPALIER_SNAPSHOT"))) {
            Files.writeString(SNAPSHOT, current);
        }

        assertThat(current).as("""
                        The interface is no longer what web-console/openapi.json says. If it is meant to change, write the file \
                        with ESPALIER_SNAPSHOT=write mvn -pl control-plane test -Dtest=OpenApiSnapshotIT, generate the \
                        console's types anew, and commit both.""").isEqualTo(Files.exists(SNAPSHOT) ? Files.readString(SNAPSHOT) : "");
    }

    @Test
    void namesNoMachineOfThisRun() {
        String text =
                Caller.anonymous(port).get("/api/openapi.json").expect(200).text();

        assertThat(text).doesNotContain("127.0.0.1", "localhost", ":" + port, "ml.example.com", "/internal/");
    }

    @Test
    void describesWhatNoControllerSays() {
        var api = Caller.anonymous(port).get("/api/openapi.json").expect(200).body();

        assertThat(api.at("/paths/~1api~1products/get/parameters").findValuesAsString("name"))
                .containsExactly("limit", "cursor");
        assertThat(api.at("/paths/~1v1~1products~1{product}~1predict/post").isObject())
                .isTrue();
        assertThat(api.at("/components/schemas/tabular-classification.input/additionalProperties/type")
                        .size())
                .isEqualTo(4);
        assertThat(api.at("/paths/~1api~1session/post").has("security")).isFalse();
        assertThat(api.at("/paths/~1api~1tenants/post/security/0").has("operatorCredential"))
                .isTrue();
        assertThat(api.at("/paths/~1api~1products/get/security/0").has("session"))
                .isTrue();
    }

    /** Indented, the keys of every object in their order, and a line feed at the end. */
    private static String sorted(String document) {
        var printer = new DefaultPrettyPrinter()
                .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                .withArrayIndenter(new DefaultIndenter("  ", "\n"));
        return JSON.writer().with(printer).writeValueAsString(JSON.readValue(document, Object.class)) + "\n";
    }
}
