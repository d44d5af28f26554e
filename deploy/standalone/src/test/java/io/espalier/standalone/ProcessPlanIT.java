package io.espalier.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.process.Settings;
import io.espalier.contracts.route.SavedRouteTable;
import io.espalier.standalone.supervisor.ProcessSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessPlanIT {
    private static final List<String> MODULES =
            List.of("control-plane", "gateway", "training-worker", "inference-worker", "deploy/standalone");
    private static final int PORT = 8080;

    @TempDir
    private Path folder;

    private DataDirectory data;

    @BeforeEach
    void buildAHomeWithoutCode() throws IOException {
        for (String module : MODULES) {
            Path target = Files.createDirectories(
                    folder.resolve("home").resolve(module).resolve("target"));
            Files.writeString(target.resolve("classpath"), "");
        }
        data = DataDirectory.open(folder.resolve("data"), 0);
    }

    @AfterEach
    void close() {
        data.close();
    }

    @Test
    void startsEveryServerThatTheEnvironmentDoesNotName() {
        assertThat(plan(Map.of()))
                .extracting(ProcessSpec::name)
                .containsExactly(
                        "postgresql",
                        "temporal",
                        "s3",
                        "control-plane",
                        "training-worker",
                        "inference-worker",
                        "gateway");
    }

    @Test
    void stopsTheGatewayBeforeWhatItsRequestsNeed() {
        // They are stopped in the reverse of this order.
        assertThat(plan(Map.of()).getLast().name()).isEqualTo(ProcessPlan.GATEWAY);
    }

    @Test
    void startsWhatServesFirstOnceThereIsSomethingToServe() throws Exception {
        assertThat(plan(Map.of())).allSatisfy(spec -> assertThat(spec.behind()).isEmpty());

        Files.writeString(
                Files.createDirectories(data.of(ProcessPlan.INFERENCE_WORKER)).resolve(SavedRouteTable.FILE), "{}");

        assertThat(plan(Map.of()))
                .filteredOn(spec -> spec.behind().contains(ProcessPlan.INFERENCE_WORKER))
                .extracting(ProcessSpec::name)
                .containsExactly(ProcessPlan.S3, ProcessPlan.CONTROL_PLANE);
    }

    @Test
    void givesAnInferenceWorkerTheTimeToDrain() {
        Duration longestRequestAndMargin = Duration.ofSeconds(30 + 5);

        assertThat(plan(Map.of()))
                .filteredOn(spec -> spec.name().equals(ProcessPlan.INFERENCE_WORKER))
                .singleElement()
                .satisfies(spec -> assertThat(spec.stopLimit()).isGreaterThan(longestRequestAndMargin));
    }

    @Test
    void leavesOutTheServersThatTheEnvironmentNamesAndPassesTheirAddressesOn() {
        List<ProcessSpec> processes = plan(Map.of(
                Settings.DATABASE_URL,
                "jdbc:postgresql://db:5432/espalier",
                Settings.DATABASE_OWNER_PASSWORD,
                "of the owner",
                Settings.TEMPORAL_ADDRESS,
                "temporal:7233",
                Settings.S3_ENDPOINT,
                "https://s3.example.com",
                Settings.S3_ACCESS_KEY,
                "access",
                Settings.S3_SECRET_KEY,
                "secret"));

        assertThat(processes)
                .extracting(ProcessSpec::name)
                .containsExactly("control-plane", "training-worker", "inference-worker", "gateway");
        assertThat(environment(processes, "control-plane"))
                .containsEntry(Settings.DATABASE_URL, "jdbc:postgresql://db:5432/espalier")
                .containsEntry(Settings.DATABASE_OWNER_PASSWORD, "of the owner")
                .containsEntry(Settings.TEMPORAL_ADDRESS, "temporal:7233")
                .containsEntry(Settings.TEMPORAL_EMBEDDED, "false")
                .containsEntry(Settings.S3_ENDPOINT, "https://s3.example.com");
        assertThat(environment(processes, "training-worker"))
                .containsEntry(Settings.TEMPORAL_ADDRESS, "temporal:7233")
                .containsEntry(Settings.S3_SECRET_KEY, "secret")
                .containsEntry(Settings.DATABASE_OWNER_PASSWORD, "");
        assertThat(environment(processes, "inference-worker"))
                .containsEntry(Settings.S3_ENDPOINT, "https://s3.example.com")
                .containsEntry(Settings.S3_ACCESS_KEY, "access");
    }

    @Test
    void demandsTheSecretOfAServerThatTheEnvironmentNames() {
        assertThatThrownBy(() -> plan(Map.of(Settings.DATABASE_URL, "jdbc:postgresql://db/espalier")))
                .isInstanceOf(LaunchException.class)
                .hasMessageContaining(Settings.DATABASE_OWNER_PASSWORD);
    }

    @Test
    void saysInOneSentenceWhichMemoryIsNoNumber() {
        assertThatThrownBy(() -> plan(Map.of("ESPALIER_GATEWAY_HEAP_MB", "512m")))
                .isInstanceOf(LaunchException.class)
                .hasMessage("ESPALIER_GATEWAY_HEAP_MB must be a whole number of megabytes, not 512m.");
    }

    @Test
    void tellsTheLocalOriginFromThePublicOne() {
        Map<String, String> behindTls = Map.of(Settings.HOST, "0.0.0.0", Settings.PUBLIC_URL, "https://ml.example.com");

        assertThat(ProcessPlan.localOrigin(PORT, behindTls)).isEqualTo("http://127.0.0.1:8080");
        assertThat(ProcessPlan.publicUrl(PORT, behindTls)).isEqualTo("https://ml.example.com");
        assertThat(ProcessPlan.localOrigin(PORT, Map.of(Settings.HOST, "127.0.0.1")))
                .isEqualTo("http://127.0.0.1:8080");
    }

    @Test
    void refusesTheAddressOfAnotherMachine() {
        assertThatThrownBy(() -> ProcessPlan.localOrigin(PORT, Map.of(Settings.HOST, "192.0.2.1")))
                .isInstanceOf(LaunchException.class)
                .hasMessage("ESPALIER_HOST is 192.0.2.1, which is not an address of this machine.");
    }

    private List<ProcessSpec> plan(Map<String, String> environment) {
        return ProcessPlan.of(
                folder.resolve("home"), data, new Ports(folder.resolve("ports.properties")), PORT, environment);
    }

    private static Map<String, String> environment(List<ProcessSpec> processes, String name) {
        return processes.stream()
                .filter(process -> process.name().equals(name))
                .findFirst()
                .orElseThrow()
                .environment();
    }
}
