package io.espalier.contracts.dataset;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which column plays which role of the task.
 *
 * @param columnsByRole column names as in the file, by role name; a role that is absent is guessed, one that need not be
 *     there and has an empty list has no column
 * @param splitColumn the column that holds train, validation or test; null where there is none
 */
public record ColumnMapping(
        Map<String, List<String>> columnsByRole, @Nullable String splitColumn) {
    public static final ColumnMapping GUESS = new ColumnMapping(Map.of(), null);

    /**
     * The column of a role that one column has.
     *
     * @throws IllegalArgumentException where it is none, or several
     */
    public String only(String role) {
        List<String> columns = columnsByRole.getOrDefault(role, List.of());
        if (columns.size() != 1) {
            throw new IllegalArgumentException("The role " + role + " needs exactly one column, not " + columns);
        }
        return columns.getFirst();
    }
}
