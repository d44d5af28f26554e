package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.dataset.Split;
import io.espalier.modelkit.task.recommendation.ItemAttributes;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Column;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Kind;
import io.espalier.training.data.CellCensus;
import io.espalier.training.data.DatasetFiles;
import io.espalier.training.data.IssueLog;
import io.espalier.training.data.LocalPart;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Takes what is said of items, or of users, out of the rows of files, and finds out what kind of thing each column says. */
final class AttributeRows implements DatasetFiles.Rows {
    /** Of a column; a column with more different ones holds texts. */
    private static final int MOST_CATEGORIES = 10_000;
    /** A column of categories has each of them this often, on average. */
    private static final int FEWEST_OF_A_CATEGORY = 2;
    /** A text is read no further by any encoder. */
    private static final int LONGEST_TEXT = 4_000;

    private final DatasetFiles files;
    private final IssueLog issues;
    private final AttributeStore store;
    private final String noun;
    private final IdColumn id;
    private final List<Census> columns = new ArrayList<>();

    private static final class Census {
        final int index;
        final String name;
        final Set<String> categories = new HashSet<>();
        long present;
        long numbers;
        long values;

        Census(int index, String name) {
            this.index = index;
            this.name = name;
        }

        void add(String cell) {
            present++;
            if (!Double.isNaN(ItemAttributes.number(cell))) {
                numbers++;
            }
            for (String category : ItemAttributes.categories(cell)) {
                values++;
                if (categories.size() <= MOST_CATEGORIES) {
                    categories.add(category);
                }
            }
        }

        Kind kind() {
            if (present > 0 && numbers * 100 >= present * CellCensus.NUMERIC_PERCENT) {
                return Kind.NUMBER;
            }
            return categories.size() <= MOST_CATEGORIES && categories.size() * (long) FEWEST_OF_A_CATEGORY <= values
                    ? Kind.CATEGORIES
                    : Kind.TEXT;
        }
    }

    /**
     * @param noun what the rows are about: {@code item} or {@code user}
     * @param idRole and restRole: of the columns
     */
    AttributeRows(
            DatasetFiles files, IssueLog issues, AttributeStore store, String noun, String idRole, String restRole) {
        this.files = files;
        this.issues = issues;
        this.store = store;
        this.noun = noun;
        var byRole = files.mapping().columnsByRole();
        this.id = IdColumn.of(
                files,
                issues,
                idRole,
                "missing-" + noun + "-id",
                "{rows} about " + noun + "s {have} no " + noun + " and {are} left out.");
        byRole.getOrDefault(restRole, List.of())
                .forEach(name -> columns.add(new Census(files.columns().indexOf(name), name)));
    }

    /** What they are, all rows considered. */
    List<Column> columns() {
        return columns.stream()
                .map(column -> new Column(column.name, column.kind()))
                .toList();
    }

    @Override
    public void row(LocalPart part, int index, long number, @Nullable Split split, List<@Nullable String> cells)
            throws SQLException {
        String subject = id.in(cells, part, number);
        if (subject == null) {
            return;
        }
        List<@Nullable String> kept = new ArrayList<>();
        for (Census column : columns) {
            String cell = cells.get(column.index);
            String value = cell == null || cell.isBlank() ? null : cell.strip();
            if (value != null) {
                value = value.substring(0, Math.min(value.length(), LONGEST_TEXT));
                column.add(value);
            }
            kept.add(value);
        }
        store.add(index, number, subject, kept);
    }

    /** Says what the rows together are wrong with; after the store is complete. */
    void report() throws SQLException {
        long repeated = store.rows() - store.size();
        issues.found(
                "repeated-" + noun,
                Severity.ROWS_LEFT_OUT,
                "{rows} {are} about the same " + noun + " as an earlier row and {are} left out.",
                repeated,
                store.repeated().stream()
                        .map(row -> files.parts().get(row.part()).place(row.row(), id.name(), row.id()))
                        .toList());
    }
}
