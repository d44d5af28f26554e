package io.espalier.controlplane.dataset;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.DatasetVersionRef;
import java.util.List;
import java.util.Map;

/**
 * A dataset version that a training job may use.
 *
 * @param mapping complete: what the inspection found to be in force
 * @param reportKey where the report on it is, as JSON
 * @param rowsBySplit rows that a job will use
 * @param classes labels of these rows
 */
public record TrainableVersion(
        DatasetVersionRef ref,
        int number,
        String task,
        String contentHash,
        List<DatasetPart> parts,
        ColumnMapping mapping,
        String reportKey,
        Map<Split, Long> rowsBySplit,
        int classes) {

    /** Whether a column says what each row is for. */
    public boolean hasSplitColumn() {
        String column = mapping.splitColumn();
        return column != null && !column.isEmpty();
    }

    public long rows() {
        return rowsBySplit.values().stream().mapToLong(Long::longValue).sum();
    }

    public long rows(Split split) {
        return rowsBySplit.getOrDefault(split, 0L);
    }
}
