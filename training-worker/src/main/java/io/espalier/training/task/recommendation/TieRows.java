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
    private final DatasetFiles files;
    private final IssueLog issues;
    private final TieStore store;
    private final int from;
    private final int to;

    TieRows(DatasetFiles files, IssueLog issues, TieStore store) {
        this.files = files;
        this.issues = issues;
        this.store = store;
        this.from = column(Recommendation.TIE_FROM);
        this.to = column(Recommendation.TIE_TO);
    }

    private int column(String role) {
        return files.isReadable() ? files.columns().indexOf(files.mapping().only(role)) : -1;
    }

    @Override
    public void row(LocalPart part, int index, long number, @Nullable Split split, List<@Nullable String> cells)
            throws SQLException {
        String follower = id(part, number, from, cells);
        String followed = id(part, number, to, cells);
        if (follower == null || followed == null) {
            return;
        }
        if (follower.equals(followed)) {
            found(
                    "tie-to-oneself",
                    "{rows} {tie} a user to themselves and {are} left out.",
                    part,
                    number,
                    to,
                    follower);
            return;
        }
        store.add(follower, followed);
    }

    private @Nullable String id(LocalPart part, long number, int column, List<@Nullable String> cells) {
        String id = cells.get(column);
        if (id == null || id.isBlank()) {
            found(
                    "missing-tie",
                    "{rows} of ties {have} no user at one end and {are} left out.",
                    part,
                    number,
                    column,
                    null);
            return null;
        }
        if (id.strip().length() > Recommendation.LONGEST_ID) {
            found("oversized-id", InteractionRows.OVERSIZED_ID, part, number, column, id);
            return null;
        }
        return id.strip();
    }

    private void found(String code, String template, LocalPart part, long number, int column, @Nullable String shown) {
        issues.found(
                code,
                Severity.ROWS_LEFT_OUT,
                template,
                1,
                List.of(part.place(number, files.columns().get(column), shown)));
    }
}
