package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.contracts.task.recommendation.Times;
import io.espalier.training.data.DatasetFiles;
import io.espalier.training.data.IssueLog;
import io.espalier.training.data.LocalPart;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes interactions out of the rows of files. */
final class InteractionRows implements DatasetFiles.Rows {
    static final String OVERSIZED_ID =
            "{rows} {have} an id of more than " + Recommendation.LONGEST_ID + " characters and {are} left out.";

    private final DatasetFiles files;
    private final IssueLog issues;
    private final Store store;
    private final Column user;
    private final Column item;
    private final Column value;
    private final Column time;
    private boolean timesSeen;

    /** Takes them over. */
    interface Store {
        /**
         * @param value NaN where there is none
         * @param time milliseconds since 1970; {@link Long#MIN_VALUE} where there is none
         */
        void add(int part, long row, @Nullable Split given, String user, String item, double value, long time)
                throws SQLException;
    }

    /** @param index -1 where the files have none */
    private record Column(int index, String name) {
        static Column of(DatasetFiles files, String role) {
            ColumnMapping mapping = files.mapping();
            List<String> names = mapping.columnsByRole().getOrDefault(role, List.of());
            return names.isEmpty()
                    ? new Column(-1, role)
                    : new Column(files.columns().indexOf(names.getFirst()), names.getFirst());
        }

        /** @return null where there is nothing */
        @Nullable
        String in(List<@Nullable String> cells) {
            String cell = index < 0 ? null : cells.get(index);
            return cell == null || cell.isBlank() ? null : cell.strip();
        }
    }

    InteractionRows(DatasetFiles files, IssueLog issues, Store store) {
        this.files = files;
        this.issues = issues;
        this.store = store;
        this.user = Column.of(files, Recommendation.USER);
        this.item = Column.of(files, Recommendation.ITEM);
        this.value = Column.of(files, Recommendation.VALUE);
        this.time = Column.of(files, Recommendation.TIME);
    }

    /** Whether any interaction so far says when it was. */
    boolean hasTimes() {
        return timesSeen;
    }

    @Override
    public void row(LocalPart part, int index, long number, @Nullable Split split, List<@Nullable String> cells)
            throws SQLException {
        String who = id(Recommendation.USER, user, cells, part, number);
        String what = id(Recommendation.ITEM, item, cells, part, number);
        if (who == null || what == null) {
            return;
        }
        String amount = value.in(cells);
        double parsed = amount == null ? Double.NaN : parse(amount);
        if (amount != null && Double.isNaN(parsed)) {
            found(
                    "invalid-value",
                    Severity.WARNING,
                    "{rows} {have} a value that is no number; it counts as none.",
                    value,
                    amount,
                    part,
                    number);
        }
        String moment = time.in(cells);
        Long millis = moment == null ? null : Times.parse(moment);
        if (moment != null && millis == null) {
            found(
                    "invalid-time",
                    Severity.WARNING,
                    "{rows} {have} a time that is neither a date nor a number of seconds or milliseconds since 1970; it counts as none.",
                    time,
                    moment,
                    part,
                    number);
        }
        timesSeen |= millis != null;
        if (split == null && files.splitColumn() instanceof String column) {
            issues.found("missing-split", 1, List.of(part.place(number, column, null)));
        }
        store.add(index, number, split, who, what, parsed, millis == null ? Long.MIN_VALUE : millis);
    }

    private @Nullable String id(String role, Column column, List<@Nullable String> cells, LocalPart part, long number) {
        String id = column.in(cells);
        if (id == null) {
            found(
                    "missing-" + role,
                    Severity.ROWS_LEFT_OUT,
                    "{rows} {have} no " + role + " and {are} left out.",
                    column,
                    null,
                    part,
                    number);
        } else if (id.length() > Recommendation.LONGEST_ID) {
            found("oversized-id", Severity.ROWS_LEFT_OUT, OVERSIZED_ID, column, id, part, number);
            return null;
        }
        return id;
    }

    private void found(
            String code,
            Severity severity,
            String template,
            Column column,
            @Nullable String shown,
            LocalPart part,
            long number) {
        issues.found(code, severity, template, 1, List.of(part.place(number, column.name, shown)));
    }

    /** @return NaN where it is no number */
    private static double parse(String number) {
        try {
            double parsed = Double.parseDouble(number);
            return Double.isFinite(parsed) ? parsed : Double.NaN;
        } catch (NumberFormatException _) {
            return Double.NaN;
        }
    }
}
