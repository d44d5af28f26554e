package io.espalier.training.task.recommendation;

import io.espalier.training.data.DatasetFiles;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The column that has a role.
 *
 * @param index -1 where the files have none
 * @param name of the role where the files have none
 */
record RoleColumn(int index, String name) {
    static RoleColumn of(DatasetFiles files, String role) {
        List<String> names = files.mapping().columnsByRole().getOrDefault(role, List.of());
        return names.isEmpty()
                ? new RoleColumn(-1, role)
                : new RoleColumn(files.columns().indexOf(names.getFirst()), names.getFirst());
    }

    /** @return null where there is nothing */
    @Nullable
    String in(List<@Nullable String> cells) {
        String cell = index < 0 ? null : cells.get(index);
        return cell == null || cell.isBlank() ? null : cell.strip();
    }
}
