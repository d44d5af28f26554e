package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.task.Hyperparameter;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.contracts.task.recommendation.Times;
import io.espalier.modelkit.task.recommendation.InteractionRule;
import io.espalier.training.data.DatasetFiles;
import io.espalier.training.data.IssueLog;
import io.espalier.training.data.LocalPart;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes interactions out of the rows of files. */
final class InteractionRows implements DatasetFiles.Rows {
    /** In the report, beside those asked for. */
    private static final int MOST_TYPES = 100;

    private final DatasetFiles files;
    private final IssueLog issues;
    private final Store store;
    private final IdColumn user;
    private final IdColumn item;
    private final RoleColumn value;
    private final RoleColumn time;
    private final RoleColumn type;
    private final InteractionRule counted;
    private final Map<String, Long> types = new HashMap<>();
    private long counting;
    private long timed;

    /** Takes them over. */
    interface Store {
        /** @param time milliseconds since 1970; {@link Long#MIN_VALUE} where there is none */
        void add(int part, long row, @Nullable Split given, String user, String item, long time) throws SQLException;
    }

    InteractionRows(DatasetFiles files, IssueLog issues, InteractionRule counted, Store store) {
        this.files = files;
        this.issues = issues;
        this.store = store;
        this.counted = counted;
        this.user = id(Recommendation.USER);
        this.item = id(Recommendation.ITEM);
        this.value = RoleColumn.of(files, Recommendation.VALUE);
        this.time = RoleColumn.of(files, Recommendation.TIME);
        this.type = RoleColumn.of(files, Recommendation.TYPE);
    }

    private IdColumn id(String role) {
        return IdColumn.of(files, issues, role, "missing-" + role, "{rows} {have} no " + role + " and {are} left out.");
    }

    /** Whether any interaction that counts says when it was. */
    boolean hasTimes() {
        return timed > 0;
    }

    /** Whether half of those that count do at least. */
    boolean mostlyHasTimes() {
        return hasTimes() && timed * 2 >= counting;
    }

    /** Rows by type, the most frequent first, whether they count or not; of the first types that came, and of those asked for. */
    Map<String, Long> types() {
        Map<String, Long> sorted = new LinkedHashMap<>();
        types.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return sorted;
    }

    @Override
    public void row(LocalPart part, int index, long number, @Nullable Split split, List<@Nullable String> cells)
            throws SQLException {
        String who = user.in(cells, part, number);
        String what = item.in(cells, part, number);
        if (who == null || what == null) {
            return;
        }
        String kind = type.in(cells);
        count(kind);
        if (!counted.allowsType(kind)) {
            found(
                    "other-type",
                    Severity.ROWS_LEFT_OUT,
                    "{rows} {have} no type, or none of those asked for, and {are} left out.",
                    type,
                    kind,
                    part,
                    number);
            return;
        }
        if (!counted.allowsValue(amount(cells, part, number))) {
            found(
                    "small-value",
                    Severity.ROWS_LEFT_OUT,
                    "{rows} {have} no value, or one below the smallest asked for, and {are} left out.",
                    value,
                    value.in(cells),
                    part,
                    number);
            return;
        }
        if (split == null && files.splitColumn() instanceof String column) {
            issues.found("missing-split", 1, List.of(part.place(number, column, null)));
        }
        counting++;
        store.add(index, number, split, who, what, moment(cells, part, number));
    }

    private void count(@Nullable String kind) {
        if (kind != null
                && (types.size() < MOST_TYPES
                        || types.containsKey(kind)
                        || counted.types().contains(kind))
                && kind.length() <= Hyperparameter.LONGEST_WORD) {
            types.merge(kind, 1L, Long::sum);
        }
    }

    /** @return NaN where there is none */
    private double amount(List<@Nullable String> cells, LocalPart part, long number) {
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
        return parsed;
    }

    /** @return as {@link Store#add} */
    private long moment(List<@Nullable String> cells, LocalPart part, long number) {
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
        if (millis != null) {
            timed++;
        }
        return millis == null ? Long.MIN_VALUE : millis;
    }

    private void found(
            String code,
            Severity severity,
            String template,
            RoleColumn column,
            @Nullable String shown,
            LocalPart part,
            long number) {
        issues.found(code, severity, template, 1, List.of(part.place(number, column.name(), shown)));
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
