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
record IdColumn(RoleColumn column, String missingCode, String missingMessage, IssueLog issues) {
    static IdColumn of(DatasetFiles files, IssueLog issues, String role, String missingCode, String missingMessage) {
        return new IdColumn(RoleColumn.of(files, role), missingCode, missingMessage, issues);
    }

    String name() {
        return column.name();
    }

    /** @return null where the row is left out, which is then said */
    @Nullable
    String in(List<@Nullable String> cells, LocalPart part, long row) {
        String id = column.in(cells);
        if (id == null) {
            leftOut(missingCode, missingMessage, null, part, row);
        } else if (id.length() > Recommendation.LONGEST_ID) {
            leftOut(
                    "oversized-id",
                    "{rows} {have} an id of more than " + Recommendation.LONGEST_ID + " characters and {are} left out.",
                    id,
                    part,
                    row);
            return null;
        }
        return id;
    }

    private void leftOut(String code, String message, @Nullable String shown, LocalPart part, long row) {
        issues.found(code, Severity.ROWS_LEFT_OUT, message, 1, List.of(part.place(row, name(), shown)));
    }
}
