package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.training.data.DatasetFiles;
import io.espalier.training.data.IssueLog;
import io.espalier.training.data.LocalPart;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes who is tied to whom out of the rows of files. */
final class TieRows implements DatasetFiles.Rows {
    private final IssueLog issues;
    private final TieStore store;
    private final IdColumn from;
    private final IdColumn to;

    TieRows(DatasetFiles files, IssueLog issues, TieStore store) {
        this.issues = issues;
        this.store = store;
        this.from = end(files, Recommendation.TIE_FROM);
        this.to = end(files, Recommendation.TIE_TO);
    }

    private IdColumn end(DatasetFiles files, String role) {
        return IdColumn.of(
                files, issues, role, "missing-tie", "{rows} of ties {have} no user at one end and {are} left out.");
    }

    @Override
    public void row(LocalPart part, int index, long number, @Nullable Split split, List<@Nullable String> cells)
            throws SQLException {
        String follower = from.in(cells, part, number);
        String followed = to.in(cells, part, number);
        if (follower == null || followed == null) {
            return;
        }
        if (follower.equals(followed)) {
            issues.found(
                    "tie-to-oneself",
                    Severity.ROWS_LEFT_OUT,
                    "{rows} {tie} a user to themselves and {are} left out.",
                    1,
                    List.of(part.place(number, to.name(), follower)));
            return;
        }
        store.add(follower, followed);
    }
}
