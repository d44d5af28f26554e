package io.espalier.training.data;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.task.ColumnRole;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which of a task's tables a file belongs to: the one that it is named after, as {@code items.csv}; else the one of which it has all
 * needed columns, by the user's mapping or their usual names, the one that needs more of them first; else the examples.
 */
final class TableGuess {
    private static final String EXAMPLES = "";

    private final Map<String, List<ColumnRole>> rolesByTable;
    private final ColumnMapping given;

    /** @param rolesByTable the examples' under an empty name */
    TableGuess(Map<String, List<ColumnRole>> rolesByTable, ColumnMapping given) {
        this.rolesByTable = rolesByTable;
        this.given = given;
    }

    String tableOf(LocalPart part) throws IOException {
        if (rolesByTable.size() == 1 || part.part().split() != null) {
            return EXAMPLES;
        }
        String stem = part.name().toLowerCase(Locale.ROOT).replaceFirst("\\..*", "");
        if (!stem.isEmpty() && rolesByTable.containsKey(stem)) {
            return stem;
        }
        // What is wrong with the file is said where it is read.
        DataFile file = new FileDetection(
                        new HeaderGuess(
                                DatasetFiles.columnsOf(given),
                                DatasetFiles.usualNames(rolesByTable.values().stream()
                                        .flatMap(List::stream)
                                        .toList())),
                        new IssueLog(),
                        null)
                .open(List.of(part))
                .get(part);
        if (file == null) {
            return EXAMPLES;
        }
        String best = EXAMPLES;
        long most = 0;
        for (var table : rolesByTable.entrySet()) {
            List<ColumnRole> needed =
                    table.getValue().stream().filter(ColumnRole::required).toList();
            if (needed.size() > most && needed.stream().allMatch(role -> has(file.columns(), role))) {
                best = table.getKey();
                most = needed.size();
            }
        }
        return best;
    }

    private boolean has(List<String> columns, ColumnRole role) {
        List<String> mapped = given.columnsByRole().get(role.name());
        return mapped == null
                ? columns.stream().map(MappingGuess::normalize).anyMatch(role.usualNames()::contains)
                : columns.containsAll(mapped);
    }

    /** What the user's mapping says of a table. What it says of none is said of the examples, where it is refused. */
    ColumnMapping mappingOf(String table) {
        Set<String> own = names(rolesByTable.getOrDefault(table, List.of()));
        Set<String> all = rolesByTable.values().stream()
                .flatMap(roles -> names(roles).stream())
                .collect(Collectors.toSet());
        Map<String, List<String>> byRole = new LinkedHashMap<>();
        given.columnsByRole().forEach((name, columns) -> {
            if (own.contains(name) || table.equals(EXAMPLES) && !all.contains(name)) {
                byRole.put(name, columns);
            }
        });
        return new ColumnMapping(byRole, table.equals(EXAMPLES) ? given.splitColumn() : "");
    }

    private static Set<String> names(List<ColumnRole> roles) {
        return roles.stream().map(ColumnRole::name).collect(Collectors.toSet());
    }
}
