package io.espalier.training.data;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.task.ColumnRole;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Completes the user's mapping: a role that it leaves open goes to the column with the role's most usual name, else to the
 * column whose content fits. A label has few different values; a text is long.
 */
final class MappingGuess {
    static final Set<String> SPLIT_NAMES =
            Set.of("split", "set", "subset", "partition", "fold", "data_split", "dataset_split", "usage");

    private final List<ColumnRole> roles;
    private final List<String> columns;
    private final List<List<@Nullable String>> sample;
    private final String file;
    private final IssueLog issues;

    /** @param file what issues name as their place */
    MappingGuess(
            List<ColumnRole> roles,
            List<String> columns,
            List<List<@Nullable String>> sample,
            String file,
            IssueLog issues) {
        this.roles = roles;
        this.file = file;
        this.columns = columns;
        this.sample = sample;
        this.issues = issues;
    }

    /**
     * @param splitsGiven whether a file says what it is for, so that no split column is guessed
     * @return complete, unless there are issues
     */
    ColumnMapping complete(ColumnMapping given, boolean splitsGiven) {
        Map<String, List<String>> byRole = new LinkedHashMap<>();
        Set<String> taken = new HashSet<>();
        String splitColumn = given.splitColumn();
        if (splitColumn != null && !splitColumn.isEmpty()) {
            known(splitColumn, "split");
            take(splitColumn, taken);
        } else if (splitColumn == null && !splitsGiven) {
            Set<String> mapped = new HashSet<>();
            given.columnsByRole().values().forEach(mapped::addAll);
            splitColumn = guessSplitColumn(mapped);
            if (splitColumn != null) {
                taken.add(splitColumn);
            }
        }
        given.columnsByRole().keySet().stream()
                .filter(name -> roles.stream().noneMatch(role -> role.name().equals(name)))
                .forEach(name -> issues.found(
                        IssueCode.UNKNOWN_ROLE,
                        new Place(file, null, null, name),
                        "The mapping names a part \"%s\" that this task does not know; it knows %s."
                                .formatted(
                                        name,
                                        String.join(
                                                ", ",
                                                roles.stream()
                                                        .map(ColumnRole::name)
                                                        .toList()))));
        for (ColumnRole role : roles) {
            List<String> chosen = given.columnsByRole().getOrDefault(role.name(), List.of());
            boolean declined = !role.required() && given.columnsByRole().containsKey(role.name());
            if (!chosen.isEmpty() || declined) {
                chosen.forEach(column -> {
                    known(column, role.name());
                    take(column, taken);
                });
                byRole.put(role.name(), chosen);
            }
        }
        // Labels first: a text is then the longest of what is left.
        List<ColumnRole> open = new ArrayList<>(roles);
        open.removeIf(role -> byRole.containsKey(role.name()) || role.many());
        for (ColumnRole role : List.copyOf(open)) {
            String column = byName(role, taken);
            if (column != null) {
                assign(role, column, byRole, taken);
                open.remove(role);
            }
        }
        open.sort((a, b) ->
                Boolean.compare(b.name().equals(ColumnRole.LABEL), a.name().equals(ColumnRole.LABEL)));
        for (ColumnRole role : open) {
            String column = role.byName() ? null : byContent(role, taken);
            if (column != null) {
                assign(role, column, byRole, taken);
            } else if (role.required()) {
                missing(role);
            }
        }
        for (ColumnRole role : roles) {
            if (role.many() && !byRole.containsKey(role.name())) {
                List<String> rest = columns.stream()
                        .filter(column -> !taken.contains(column))
                        .toList();
                byRole.put(role.name(), rest);
                if (rest.isEmpty() && role.required()) {
                    missing(role);
                }
            }
        }
        return new ColumnMapping(byRole, splitColumn);
    }

    private void assign(ColumnRole role, String column, Map<String, List<String>> byRole, Set<String> taken) {
        byRole.put(role.name(), List.of(column));
        taken.add(column);
    }

    private void known(String column, String part) {
        if (!columns.contains(column)) {
            issues.found(
                    IssueCode.UNKNOWN_COLUMN,
                    new Place(file, null, column, null),
                    "There is no column \"%s\" for the %s; the columns are %s."
                            .formatted(
                                    column,
                                    part,
                                    String.join(", ", columns.stream().limit(50).toList())));
        }
    }

    private void take(String column, Set<String> taken) {
        if (!taken.add(column)) {
            issues.found(IssueCode.COLUMN_USED_TWICE, new Place(file, null, column, null));
        }
    }

    private void missing(ColumnRole role) {
        issues.found(
                IssueCode.MISSING_COLUMN,
                new Place(file, null, null, role.name()),
                "It is not clear which column holds the %s; say so in the mapping. The columns are %s."
                        .formatted(
                                role.name(),
                                String.join(", ", columns.stream().limit(50).toList())));
    }

    /** Whether a column's name gives it away. */
    boolean names(ColumnRole role) {
        return byName(role, Set.of()) != null;
    }

    private @Nullable String byName(ColumnRole role, Set<String> taken) {
        for (String usual : role.usualNames()) {
            for (String column : columns) {
                if (!taken.contains(column) && normalize(column).equals(usual)) {
                    return column;
                }
            }
        }
        // What need not be there is not looked for in other words: a release date is not when something happened.
        for (String usual : role.byName() && !role.required() ? List.<String>of() : role.usualNames()) {
            for (String column : columns) {
                if (!taken.contains(column)
                        && usual.length() > 1
                        && List.of(normalize(column).split("_")).contains(usual)) {
                    return column;
                }
            }
        }
        return null;
    }

    private @Nullable String byContent(ColumnRole role, Set<String> taken) {
        List<ColumnSummary> candidates = columns.stream()
                .filter(column -> !taken.contains(column))
                .map(this::summary)
                .filter(summary -> summary.present() > 0)
                .toList();
        boolean label = role.name().equals(ColumnRole.LABEL);
        ColumnSummary best = null;
        for (ColumnSummary candidate : candidates) {
            if (label ? candidate.likeLabel() : candidate.likeText()) {
                if (best == null
                        || (label
                                ? candidate.labelScore() >= best.labelScore()
                                : candidate.meanLength() > best.meanLength())) {
                    best = candidate;
                }
            }
        }
        return best == null ? null : best.column();
    }

    private @Nullable String guessSplitColumn(Set<String> mapped) {
        for (String column : columns) {
            if (SPLIT_NAMES.contains(normalize(column)) && !mapped.contains(column)) {
                List<String> words = values(column);
                long splits = words.stream()
                        .filter(word -> Split.parse(word).isPresent())
                        .count();
                if (!words.isEmpty() && splits * 10 >= words.size() * 9L) {
                    return column;
                }
            }
        }
        return null;
    }

    /**
     * @param last whether it is the table's last column, where a label usually stands
     */
    private record ColumnSummary(
            String column, boolean last, int present, int distinct, double meanLength, boolean numeric) {
        boolean likeLabel() {
            return distinct >= 2 && meanLength <= 60 && (distinct <= 20 || distinct * 2 <= present) && distinct <= 500;
        }

        /** Few values, each often; a column at the end wins over one in the middle. */
        double labelScore() {
            return (last ? 1 : 0) - distinct / (double) present - meanLength / 100;
        }

        boolean likeText() {
            return !numeric;
        }
    }

    private ColumnSummary summary(String column) {
        List<String> values = values(column);
        return new ColumnSummary(
                column,
                column.equals(columns.getLast()),
                values.size(),
                new HashSet<>(values).size(),
                values.stream().mapToInt(String::length).average().orElse(0),
                values.stream().filter(Numbers::isNumber).count() * 10 >= values.size() * 9L);
    }

    private List<String> values(String column) {
        int index = columns.indexOf(column);
        return sample.stream()
                .map(row -> index < row.size() ? row.get(index) : null)
                .filter(Objects::nonNull)
                .toList();
    }

    static String normalize(String column) {
        return column.strip().toLowerCase(Locale.ROOT).replaceAll("[\\s\\-.]+", "_");
    }
}
