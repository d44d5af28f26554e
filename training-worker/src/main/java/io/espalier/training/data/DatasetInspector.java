package io.espalier.training.data;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.task.Tasks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the files of a dataset version and writes the report, and a sample of the rows of tasks that change them at random. A file
 * that cannot be read is an issue of the report; exceptions are for the object store, the disk and the like, and a retry may mend
 * them. Thread-safe; idempotent.
 */
public final class DatasetInspector {
    private static final Logger LOG = LoggerFactory.getLogger(DatasetInspector.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ObjectStore store;
    private final Path workDirectory;
    private final ScanWatch watch;
    private final ScanRequest.Scanner scanner;

    /**
     * @param workDirectory needs room for five times the dataset; what is written there is deleted at the end
     * @param scanner of the task
     */
    public DatasetInspector(ObjectStore store, Path workDirectory, ScanWatch watch, ScanRequest.Scanner scanner) {
        this.store = store;
        this.workDirectory = workDirectory;
        this.watch = watch;
        this.scanner = scanner;
    }

    public InspectionOutcome inspect(InspectionSpec spec) throws IOException {
        boolean sampled = Tasks.find(spec.task()).orElseThrow().augments();
        return ScanRequest.scanning(
                scanner,
                spec.parts(),
                spec.mapping(),
                Map.of(),
                PartDownloads.from(store),
                workDirectory,
                watch,
                scan -> inspected(spec, scan, sampled));
    }

    private InspectionOutcome inspected(InspectionSpec spec, DatasetScan scan, boolean sampled) throws IOException {
        DatasetReport report = scan.report();
        if (report.trainable() && sampled && scan instanceof LabelledScan labelled) {
            Path sample = scan.directory().resolve("sample");
            labelled.writeSample(sample);
            store.upload(ObjectKeys.datasetSample(spec.reportKey()), sample);
        }
        store.put(spec.reportKey(), JSON.writeValueAsBytes(report));
        LOG.info(
                "Inspected dataset version {}: {} rows, {} used, trainable: {}",
                spec.version().version(),
                report.rows(),
                report.rowsUsed(),
                report.trainable());
        return new InspectionOutcome(report.trainable(), report.rows(), report.rowsUsed(), scan.contentHash());
    }
}
