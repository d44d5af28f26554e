package io.espalier.training.data;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.process.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What is to be scanned.
 *
 * @param mapping of the user; what it leaves open is guessed
 * @param hyperparameters of the job that the splits are for; none where a version is inspected
 * @param directory of the scan alone, with the downloads in it
 */
public record ScanRequest(
        PartDownloads downloads,
        ColumnMapping mapping,
        Map<String, Object> hyperparameters,
        Path directory,
        ScanWatch watch) {
    /** How a task scans. */
    public interface Scanner {
        DatasetScan scan(ScanRequest request) throws IOException;
    }

    interface Work<T> {
        T with(DatasetScan scan) throws IOException;
    }

    /**
     * Fetches the parts, scans them, and deletes everything afterwards.
     *
     * @param workDirectory made if it does not exist
     */
    static <T> T scanning(
            Scanner scanner,
            List<DatasetPart> parts,
            ColumnMapping mapping,
            Map<String, Object> hyperparameters,
            PartDownloads.Source source,
            Path workDirectory,
            ScanWatch watch,
            Work<T> work)
            throws IOException {
        Files.createDirectories(workDirectory);
        Path directory = Files.createTempDirectory(workDirectory, "dataset-");
        try {
            PartDownloads downloads = PartDownloads.fetch(parts, source, directory, watch);
            try (DatasetScan scan =
                    scanner.scan(new ScanRequest(downloads, mapping, hyperparameters, directory, watch))) {
                return work.with(scan);
            }
        } finally {
            FileTrees.delete(directory);
        }
    }
}
