package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.process.FileTrees;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/** {@code deploy/up --demo --report}, as a newcomer runs it, and what must hold of the product that answers then. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(1)
class MainJobE2ET {
    private static final Duration DEMO_LIMIT = Duration.ofMinutes(15);
    /**
     * The promise is 20 s, which {@code tests/benchmarks/warm-start} measures; a machine that runs tests is not idle, and what
     * is to be noticed here is a start that is not warm at all.
     */
    private static final Duration WARM_START_LIMIT = Duration.ofSeconds(60);

    private static final Duration RESTORE_LIMIT = Duration.ofMinutes(1);

    private static Path reportFile;
    private static Installation installation;
    private static JsonNode report;

    @BeforeAll
    static void runTheDemo() throws Exception {
        reportFile = Path.of("target", "installations", "main-job-report.json").toAbsolutePath();
        Files.deleteIfExists(reportFile);
        installation = Installation.start("main-job", "--demo", "--report", reportFile.toString());
        installation.awaitOutput("Ctrl-C stops everything", DEMO_LIMIT);
        assertThat(reportFile).as(installation.output()).exists();
        report = Api.JSON.readTree(Files.readAllBytes(reportFile));
    }

    @AfterAll
    static void stopEverything() {
        if (installation != null) {
            installation.close();
        }
    }

    @Test
    @Order(1)
    void reportsWhatItFound() {
        assertThat(report.at("/metrics/accuracy").asDouble()).isGreaterThan(0.6);
        assertThat(report.at("/metrics/macroF1").asDouble()).isBetween(0.5, 1.0);
        assertThat(report.at("/metrics/rocAuc").asDouble()).isBetween(0.8, 1.0);
        assertThat(report.at("/artifact/precision").asString()).isIn("int8", "fp32");
        assertThat(report.at("/artifact/bytes").asLong()).isGreaterThan(1_000_000);
        assertThat(report.at("/rows/train").asLong()).isEqualTo(392);
        assertThat(report.at("/rows/validation").asLong()).isEqualTo(96);
        assertThat(report.at("/rows/test").asLong()).isEqualTo(152);
        assertThat(report.path("seconds").propertyNames())
                .contains("upload", "inspect", "training", "exporting", "evaluating", "deploy", "total");
        assertThat(report.path("baseUrl").asString())
                .isEqualTo(installation.origin().toString());
        assertThat(report.at("/answer/0/label").asString()).isEqualTo("return_refund");
    }

    @Test
    @Order(2)
    void showsEverythingThatANewcomerWantsToSee() {
        assertThat(installation.output())
                .contains("Classes", "epoch 1/", "loss", "left", "precision  recall", "Confusion", "Served as")
                .contains("curl " + report.path("predictUrl").asString())
                .contains("-H 'Authorization: Bearer " + report.path("apiKey").asString() + "'");
    }

    @Test
    @Order(3)
    void servesExactlyWhatWasEvaluated() {
        EvaluatedRows evaluated = EvaluatedRows.of(
                installation,
                new JobRef(
                        UUID.fromString(report.path("tenant").asString()),
                        UUID.fromString(report.path("job").asString())));

        evaluated.assertServed(customer(), path());

        assertThat(evaluated.rows()).hasSize(report.at("/rows/test").asInt());
        assertThat(evaluated.accuracy())
                .isCloseTo(report.at("/metrics/accuracy").asDouble(), within(1e-9));
    }

    @Test
    @Order(4)
    void answersAgainSoonAfterAWarmStart() {
        installation.stop();
        long start = System.nanoTime();
        installation.restart();

        customer().awaitStatus(path(), Map.of("inputs", "Where is my parcel?"), 200);

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(WARM_START_LIMIT);
    }

    /** As {@code web-console/docs/operations.md} says, word for word where a folder is not named. */
    @Test
    @Order(5)
    void startsFromABackupThatWasRestoredElsewhere() throws Exception {
        Path archive = Installation.folder("main-job-backup.tar.gz");
        Path restored = Installation.folder("main-job-restored");
        FileTrees.discard(restored);
        installation.stop();
        shell("tar -C %s -czf %s secrets postgresql s3 ports.properties".formatted(installation.data(), archive));
        shell("mkdir -m 700 %1$s && tar -C %1$s -xzf %2$s".formatted(restored, archive));

        try (Installation second = Installation.startOn(restored)) {
            assertThat(second.origin()).isNotEqualTo(installation.origin());
            Api customer = Api.withBearer(second.origin(), report.path("apiKey").asString());
            // The worker has to fetch the bundle first.
            Api.until(
                    "the restored product answers",
                    RESTORE_LIMIT,
                    () -> customer.post(path(), Map.of("inputs", "Where is my parcel?"))
                                    .status()
                            == 200);
        } finally {
            Files.delete(archive);
            FileTrees.discard(restored);
        }
    }

    @Test
    @Order(6)
    void usesTenantAndProductAgainAndMakesANewKey() throws Exception {
        installation.stop();
        Files.delete(reportFile);

        installation.restart("--demo", "--exit", "--set", "epochs=1", "--report", reportFile.toString());
        assertThat(installation.launcher().onExit().get().exitValue())
                .as(installation.output())
                .isZero();

        JsonNode second = Api.JSON.readTree(Files.readAllBytes(reportFile));
        assertThat(second.path("tenant")).isEqualTo(report.path("tenant"));
        assertThat(second.path("product")).isEqualTo(report.path("product"));
        assertThat(second.path("modelVersion").asInt()).isEqualTo(2);
        assertThat(second.path("apiKey")).isNotEqualTo(report.path("apiKey"));
    }

    private static void shell(String command) throws Exception {
        Process process = new ProcessBuilder("sh", "-c", command).inheritIO().start();
        assertThat(process.waitFor()).as(command).isZero();
    }

    private static Api customer() {
        return Api.withBearer(installation.origin(), report.path("apiKey").asString());
    }

    private static String path() {
        return report.path("predictUrl")
                .asString()
                .substring(report.path("baseUrl").asString().length());
    }
}
