package io.espalier.contracts.task;

import java.util.List;

/**
 * A part that a column of a dataset plays in a task.
 *
 * @param name what the mapping calls it: {@code text}, {@code label}
 * @param many whether several columns may have it; such a role takes every column that no other role has, unless the user
 *     lists some
 * @param files whether its cells are files, such as images: names of files in an archive of the same version, or the bytes themselves
 * @param byName whether only its name gives such a column away, since its content could be another's, as of ids and times
 * @param usualNames lower-case column names that are guessed to have this role, most likely first
 */
public record ColumnRole(
        String name,
        String description,
        boolean required,
        boolean many,
        boolean files,
        boolean byName,
        List<String> usualNames) {
    public static final String LABEL = "label";

    /** A role whose columns content gives away, too. */
    public ColumnRole(
            String name, String description, boolean required, boolean many, boolean files, List<String> usualNames) {
        this(name, description, required, many, files, false, usualNames);
    }

    /** A role of one column that only its name gives away. */
    public static ColumnRole named(String name, String description, boolean required, List<String> usualNames) {
        return new ColumnRole(name, description, required, false, false, true, usualNames);
    }
}
