package io.espalier.training.data;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One pass over all parts of a dataset version: finds every problem, decides what is left out and where the rest goes. The
 * report and the splits of a training job both come from here, so they cannot disagree. Memory does not grow with the data.
 * One thread; the caller closes it, and deletes its directory then.
 */
public interface DatasetScan extends AutoCloseable {
    DatasetReport report();

    /** SHA-256, lower-case hex, over the parts' bytes in the order of their names. */
    String contentHash();

    /** Of a dataset that can be trained on, in the order of a model's outputs; empty for tasks without. */
    List<String> labels();

    /** For files that go with the scan's own. */
    Path directory();

    /** Writes the rows of a split, as {@link io.espalier.modelkit.evaluation.SplitFile} reads them. */
    void write(Split split, Path file) throws IOException;

    @Override
    void close() throws IOException;
}
