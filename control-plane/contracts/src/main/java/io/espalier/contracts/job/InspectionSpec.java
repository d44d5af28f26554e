package io.espalier.contracts.job;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import java.util.List;

/**
 * What to inspect.
 *
 * @param reportKey where the {@link io.espalier.contracts.dataset.DatasetReport} goes, as JSON
 */
public record InspectionSpec(
        DatasetVersionRef version, String task, List<DatasetPart> parts, ColumnMapping mapping, String reportKey) {}
