package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.training.data.DatasetFiles;
import io.espalier.training.data.IssueLog;
import io.espalier.training.data.LocalPart;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A column of users' or items' ids. A row without one is left out, as is one with an id that is too long.
 *
 * @param missingCode and missingMessage: of the issue that a row without an id is
 */
record IdColumn(int index, String name, String missingCode, String missingMessage, IssueLog issues) {
    /** The column of a role; any where the files have none, and no rows. */
    static IdColumn of(DatasetFiles files, IssueLog issues, String role, String missingCode, String missingMessage) {
        List<String> names = files.mapping().columnsByRole().getOrDefault(role, List.of());
        String name = names.isEmpty() ? role : names.getFirst();
        return new IdColumn(files.columns().indexOf(name), name, missingCode, missingMessage, issues);
    }

    /** @return null where the row is left out, which is then said */
    @Nullable
    String in(List<@Nullable String> cells, LocalPart part, long row) {
        String cell = cells.get(index);
        if (cell == null || cell.isBlank()) {
            issues.found(missingCode, Severity.ROWS_LEFT_OUT, missingMessage, 1, List.of(part.place(row, name, null)));
            return null;
        }
        String id = cell.strip();
        if (id.length() > Recommendation.LONGEST_ID) {
            issues.found(
                    "oversized-id",
                    Severity.ROWS_LEFT_OUT,
                    "{rows} {have} an id of more than " + Recommendation.LONGEST_ID + " characters and {are} left out.",
                    1,
                    List.of(part.place(row, name, id)));
            return null;
        }
        return id;
    }
}
