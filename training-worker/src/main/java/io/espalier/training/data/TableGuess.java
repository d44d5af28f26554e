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
    /** Anything may be called so: only a file's own name tells what it is the id of. */
    private static final String ID = "id";

    private final Map<String, List<ColumnRole>> rolesByTable;
    private final ColumnMapping given;

    /** @param rolesByTable the examples' under an empty name */
    TableGuess(Map<String, List<ColumnRole>> rolesByTable, ColumnMapping given) {
        this.rolesByTable = rolesByTable;
        this.given = given;
    }

    String tableOf(LocalPart part) throws IOException {
        if (isNamed(part)) {
            return stem(part);
        }
        if (rolesByTable.size() == 1 || part.part().split() != null) {
            return EXAMPLES;
        }
        List<String> columns = columns(part);
        String best = EXAMPLES;
        long most = 0;
        for (var table : rolesByTable.entrySet()) {
            List<ColumnRole> needed =
                    table.getValue().stream().filter(ColumnRole::required).toList();
            if (needed.size() > most && needed.stream().allMatch(role -> has(columns, role))) {
                best = table.getKey();
                most = needed.size();
            }
        }
        return best;
    }

    /** Whether the file is called as a table is. */
    boolean isNamed(LocalPart part) {
        return !stem(part).isEmpty() && rolesByTable.containsKey(stem(part));
    }

    /** Whether the file could hold examples, by words within the names of its columns, too. */
    boolean couldBeExamples(LocalPart part) throws IOException {
        List<ColumnRole> roles = rolesByTable.getOrDefault(EXAMPLES, List.of());
        List<String> columns = columns(part);
        MappingGuess guess = new MappingGuess(roles, columns, List.of(), part.name(), new IssueLog());
        return roles.stream().filter(ColumnRole::required).allMatch(role -> has(columns, role) || guess.names(role));
    }

    private static String stem(LocalPart part) {
        return part.name().toLowerCase(Locale.ROOT).replaceFirst("\\..*", "");
    }

    /** None where the file cannot be read; what is wrong with it is said where it is. */
    private List<String> columns(LocalPart part) throws IOException {
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
        return file == null ? List.of() : file.columns();
    }

    private boolean has(List<String> columns, ColumnRole role) {
        List<String> mapped = given.columnsByRole().get(role.name());
        return mapped == null
                ? columns.stream()
                        .map(MappingGuess::normalize)
                        .anyMatch(name -> !name.equals(ID) && role.usualNames().contains(name))
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
