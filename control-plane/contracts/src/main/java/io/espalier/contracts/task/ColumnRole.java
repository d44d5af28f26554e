package io.espalier.contracts.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part that a column of a dataset plays in a task.
 *
 * @param name what the mapping calls it: {@code text}, {@code label}
 * @param many whether several columns may have it; such a role takes every column that no other role has, unless the user
 *     lists some
 * @param files whether its cells are files, such as images: names of files in an archive of the same version, or the bytes themselves
 * @param byName whether only its name gives such a column away, since its content could be another's, as of ids and times
 * @param usualNames lower-case column names that are guessed to have this role, most likely first
 * @param table which of the task's tables has such a column, in files of its own; null for the examples themselves. A role that is required is so
 *     only where there are files of its table
 */
public record ColumnRole(
        String name,
        String description,
        boolean required,
        boolean many,
        boolean files,
        boolean byName,
        List<String> usualNames,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String table) {
    public static final String LABEL = "label";

    /** A role whose columns content gives away, too. */
    public ColumnRole(
            String name, String description, boolean required, boolean many, boolean files, List<String> usualNames) {
        this(name, description, required, many, files, false, usualNames, null);
    }

    /** A role of one column that only its name gives away. */
    public static ColumnRole named(String name, String description, boolean required, List<String> usualNames) {
        return new ColumnRole(name, description, required, false, false, true, usualNames, null);
    }

    /** The role of the column that says what a row of a table is about. */
    public static ColumnRole key(String table, String name, String description, List<String> usualNames) {
        return new ColumnRole(name, description, true, false, false, true, usualNames, table);
    }

    /** The role of all other columns of a table. */
    public static ColumnRole rest(String table, String name, String description) {
        return new ColumnRole(name, description, false, true, false, false, List.of(), table);
    }
}
