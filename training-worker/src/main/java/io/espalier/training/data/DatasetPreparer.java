package io.espalier.training.data;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;

/**
 * Writes the splits of a training job: the rows that the dataset version's report counts as used, each split in the order of
 * its content. The same files and mapping always give the same bytes. Thread-safe; idempotent.
 */
public final class DatasetPreparer {
    private final ObjectStore store;
    private final Path workDirectory;
    private final ScanWatch watch;
    private final ScanRequest.Scanner scanner;

    /**
     * @param workDirectory needs room for six times the dataset; what is written there is deleted at the end
     * @param scanner of the task
     */
    public DatasetPreparer(ObjectStore store, Path workDirectory, ScanWatch watch, ScanRequest.Scanner scanner) {
        this.store = store;
        this.workDirectory = workDirectory;
        this.watch = watch;
        this.scanner = scanner;
    }

    /** @throws ProblemException INVALID_DATASET if the data cannot be trained on, or are not those that were inspected */
    public PreparedData prepare(TrainingJobSpec spec) throws IOException {
        return ScanRequest.scanning(
                scanner,
                spec.parts(),
                spec.mapping(),
                spec.hyperparameters(),
                PartDownloads.from(store),
                workDirectory,
                watch,
                scan -> prepared(spec, scan));
    }

    private PreparedData prepared(TrainingJobSpec spec, DatasetScan scan) throws IOException {
        if (!scan.contentHash().equals(spec.datasetContentHash())) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET,
                    "The files of the dataset version have changed since they were inspected.");
        }
        DatasetReport report = scan.report();
        if (!report.trainable()) {
            Issue first = report.issues().getFirst();
            throw new ProblemException(ProblemType.INVALID_DATASET, first.message());
        }
        Map<Split, String> keys = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            Path file = scan.directory().resolve(split.name());
            scan.write(split, file);
            String key = ObjectKeys.split(spec.ref(), split);
            store.upload(key, file);
            keys.put(split, key);
        }
        return new PreparedData(keys, report.rowsBySplit(), scan.labels());
    }
}
