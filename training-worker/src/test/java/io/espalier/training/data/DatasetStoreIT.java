package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.csv;
import static io.espalier.training.data.DatasetFixture.goodLines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.training.fixture.ObjectStoreFixture;
import io.espalier.training.task.TrainingTasks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Inspection and preparation against a real S3 server. */
class DatasetStoreIT {
    private static final UUID TENANT = UUID.fromString("01900000-0000-7000-8000-000000000001");
    private static final DatasetVersionRef VERSION =
            new DatasetVersionRef(TENANT, UUID.randomUUID(), UUID.randomUUID());

    @TempDir
    static Path folder;

    private static ObjectStoreFixture server;
    private static ObjectStore store;

    private final AtomicInteger heartbeats = new AtomicInteger();
    private final Path work = folder.resolve("work");

    @BeforeAll
    static void start() throws Exception {
        server = new ObjectStoreFixture(Files.createDirectory(folder.resolve("objects")));
        store = server.store();
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static DatasetPart part(String name, String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        String key = ObjectKeys.datasetPart(VERSION, UUID.randomUUID());
        store.put(key, bytes);
        return new DatasetPart(name, null, key, bytes.length);
    }

    private InspectionOutcome inspect(List<DatasetPart> parts, String reportKey) throws Exception {
        return new DatasetInspector(store, work, heartbeats::incrementAndGet, DatasetStoreIT::scan)
                .inspect(new InspectionSpec(VERSION, DatasetFixture.TEXT, parts, ColumnMapping.GUESS, reportKey));
    }

    private static DatasetReport report(String key) {
        return JsonMapper.builder().build().readValue(store.get(key), DatasetReport.class);
    }

    private static TrainingJobSpec job(List<DatasetPart> parts, ColumnMapping mapping, String contentHash) {
        return new TrainingJobSpec(
                new JobRef(TENANT, UUID.randomUUID()),
                UUID.randomUUID(),
                DatasetFixture.TEXT,
                VERSION.version(),
                contentHash,
                parts,
                mapping,
                null,
                null,
                Map.of(),
                Accelerator.CPU);
    }

    @Test
    void aJobGetsExactlyTheRowsThatTheReportCounts() throws Exception {
        List<DatasetPart> parts = List.of(part("a.csv", csv("text,label", goodLines())));
        String key = ObjectKeys.datasetReport(VERSION, 1);

        InspectionOutcome outcome = inspect(parts, key);
        DatasetReport report = report(key);
        TrainingJobSpec job = job(parts, report.mapping(), outcome.contentHash());
        PreparedData prepared =
                new DatasetPreparer(store, work, heartbeats::incrementAndGet, DatasetStoreIT::scan).prepare(job);

        assertThat(outcome.trainable()).isTrue();
        assertThat(outcome.contentHash())
                .isEqualTo(HexFormat.of()
                        .formatHex(Sha256.digest()
                                .digest(csv("text,label", goodLines()).getBytes(StandardCharsets.UTF_8))));
        assertThat(prepared.rows()).isEqualTo(report.rowsBySplit());
        assertThat(prepared.labels()).containsExactly("complaint", "praise");
        for (Split split : Split.values()) {
            assertThat(prepared.objectKeys().get(split)).isEqualTo(ObjectKeys.split(job.ref(), split));
            assertThat(new String(store.get(prepared.objectKeys().get(split)), StandardCharsets.UTF_8).lines())
                    .hasSize(prepared.rows().get(split).intValue())
                    .allMatch(line -> line.matches("\\{\"input\":\".+\",\"label\":\"(praise|complaint)\"}"));
        }
        assertThat(heartbeats).hasPositiveValue();
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void aDatasetThatCannotBeTrainedOnHasAReportAndNoSplits() throws Exception {
        List<DatasetPart> parts =
                List.of(part("a.csv", "text,label\n"), new DatasetPart("gone.csv", null, "tenants/nowhere", 3));
        String key = ObjectKeys.datasetReport(VERSION, 2);

        InspectionOutcome outcome = inspect(parts, key);

        assertThat(outcome.trainable()).isFalse();
        assertThat(report(key).issues()).extracting(DatasetReport.Issue::code).contains("no-rows", "missing-file");
        TrainingJobSpec job = job(parts, report(key).mapping(), outcome.contentHash());
        assertThatThrownBy(() -> new DatasetPreparer(store, work, () -> {}, DatasetStoreIT::scan).prepare(job))
                .isInstanceOf(ProblemException.class);
        assertThat(store.list(ObjectKeys.job(job.ref()))).isEmpty();
    }

    @Test
    void filesThatChangedAfterTheInspectionAreNotTrainedOn() {
        List<DatasetPart> parts = List.of(part("a.csv", csv("text,label", goodLines())));

        assertThatThrownBy(() -> new DatasetPreparer(store, work, () -> {}, DatasetStoreIT::scan)
                        .prepare(job(parts, ColumnMapping.GUESS, "other")))
                .hasMessageContaining("have changed");
    }

    @Test
    void aHeartbeatThatThrowsEndsTheInspectionAndLeavesNothingBehind() {
        List<DatasetPart> parts = List.of(part("a.csv", csv("text,label", goodLines())));
        String key = ObjectKeys.datasetReport(VERSION, 3);

        assertThatThrownBy(() -> new DatasetInspector(
                                store,
                                work,
                                () -> {
                                    throw new IllegalStateException("cancelled");
                                },
                                DatasetStoreIT::scan)
                        .inspect(new InspectionSpec(VERSION, DatasetFixture.TEXT, parts, ColumnMapping.GUESS, key)))
                .hasMessage("cancelled");
        assertThat(store.exists(key)).isFalse();
        assertThat(work).isEmptyDirectory();
    }

    private static DatasetScan scan(ScanRequest request) throws IOException {
        return TrainingTasks.get(DatasetFixture.TEXT).scan(request);
    }
}
