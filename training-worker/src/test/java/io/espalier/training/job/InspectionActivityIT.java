package io.espalier.training.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionProgress;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.training.fixture.ObjectStoreFixture;
import io.temporal.testing.TestActivityEnvironment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

class InspectionActivityIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int ROWS = 1_000_000;

    @AutoClose
    private final TestActivityEnvironment temporal = TestActivityEnvironment.newInstance();

    private final Queue<InspectionProgress> heard = new ConcurrentLinkedQueue<>();

    @Test
    void saysHowFarItIsInMillionsOfRows(@TempDir Path folder) throws Exception {
        var version = new DatasetVersionRef(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
        String reportKey = ObjectKeys.datasetReport(version, 1);
        HttpServer controlPlane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        controlPlane.createContext(
                "/internal/dataset-versions/" + version.tenant() + "/" + version.version() + "/progress", exchange -> {
                    heard.add(JSON.readValue(exchange.getRequestBody(), InspectionProgress.class));
                    exchange.sendResponseHeaders(204, -1);
                    exchange.close();
                });
        controlPlane.start();
        var address = URI.create("http://127.0.0.1:" + controlPlane.getAddress().getPort());
        try (var server = new ObjectStoreFixture(Files.createDirectory(folder.resolve("store")));
                var reports = new ProgressReports(address, "credential")) {
            var store = server.store();
            temporal.registerActivitiesImplementations(
                    new DataActivitiesImpl(store, folder.resolve("work"), reports, 2, null));
            byte[] visits = visits();
            String key = ObjectKeys.datasetPart(version, UUID.randomUUID());
            store.put(key, visits);

            InspectionOutcome outcome = temporal.newActivityStub(DataActivities.class)
                    .inspect(new InspectionSpec(
                            version,
                            "recommendation",
                            List.of(new DatasetPart("visits.csv", null, key, visits.length)),
                            ColumnMapping.GUESS,
                            reportKey));

            assertThat(outcome.rows()).isEqualTo(ROWS);
            assertThat(heard)
                    .containsExactly(
                            new InspectionProgress(reportKey, "Read 1,000,000 rows"),
                            new InspectionProgress(reportKey, "Pairing users and items"),
                            new InspectionProgress(reportKey, "Splitting and profiling the interactions"));
        } finally {
            controlPlane.stop(0);
        }
    }

    private static byte[] visits() {
        StringBuilder rows = new StringBuilder("user,item\n");
        for (int i = 0; i < ROWS; i++) {
            rows.append(i / 50).append(',').append(i * 7 % 1000).append('\n');
        }
        return rows.toString().getBytes(StandardCharsets.UTF_8);
    }
}
