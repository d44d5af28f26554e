package io.espalier.training.data;

import io.espalier.contracts.dataset.Split;
import io.espalier.training.data.CsvRecords.Cells;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells whether the first record of delimited text names the columns. */
final class HeaderGuess {
    static final String COLUMN = "column";
    private static final int LONGEST_NAME_CHARACTERS = 60;
    private static final int MOST_WORDS = 6;

    private final Set<String> mapped;
    private final Set<String> usual;

    /**
     * @param mapped columns that the user names
     * @param usual lower-case names that the task's columns usually have
     */
    HeaderGuess(Set<String> mapped, Set<String> usual) {
        this.mapped = mapped;
        this.usual = usual;
    }

    /**
     * @param knownHeader of another file of the dataset; null where there is none yet
     * @return the index of the header among the records, -1 where there is none
     */
    int find(List<Cells> records, @Nullable List<String> knownHeader) {
        int width = CsvDialect.usualWidth(records);
        int candidate = 0;
        // A title above the table is narrower than the table.
        while (candidate < Math.min(5, records.size()) && records.get(candidate).width() < width) {
            candidate++;
        }
        if (candidate >= Math.min(5, records.size())) {
            candidate = 0;
        }
        List<Cells> rest = records.subList(candidate + 1, records.size());
        List<@Nullable String> first = withoutEmptyEnd(records.get(candidate).cells(), rest);
        return isHeader(first, rest, knownHeader) ? candidate : -1;
    }

    /** A delimiter at the end of every line makes a last column that is empty throughout. */
    private static List<@Nullable String> withoutEmptyEnd(List<@Nullable String> first, List<Cells> rest) {
        int end = first.size();
        while (end > 0 && first.get(end - 1) == null && isEmpty(rest, end - 1)) {
            end--;
        }
        return first.subList(0, end);
    }

    private static boolean isEmpty(List<Cells> records, int column) {
        return records.stream()
                .map(Cells::cells)
                .allMatch(cells -> column >= cells.size() || cells.get(column) == null);
    }

    private boolean isHeader(List<@Nullable String> first, List<Cells> rest, @Nullable List<String> knownHeader) {
        if (first.stream().allMatch(cell -> cell == null)) {
            return false;
        }
        if (knownHeader != null) {
            long shared = first.stream()
                    .filter(cell -> cell != null && knownHeader.contains(cell.strip()))
                    .count();
            if (shared * 2 >= first.size()) {
                return true;
            }
        }
        if (first.stream().anyMatch(cell -> cell != null && mapped.contains(cell.strip()))) {
            return true;
        }
        if (!mapped.isEmpty() && mapped.stream().allMatch(HeaderGuess::isPositional)) {
            return false;
        }
        // The index column that pandas writes has no name.
        boolean named = first.stream().skip(1).allMatch(cell -> cell != null && !cell.isBlank());
        boolean words = first.stream()
                .allMatch(cell -> cell == null
                        || !Numbers.isNumber(cell)
                                && !Numbers.isMissing(cell)
                                && cell.length() <= LONGEST_NAME_CHARACTERS
                                && cell.split("\\s+").length <= MOST_WORDS);
        if (!words) {
            return false;
        }
        boolean usualName = first.stream().anyMatch(cell -> cell != null && isUsual(cell));
        if (!named) {
            return usualName && nothingRecurs(first, rest);
        }
        return usualName || numbersBelowWords(first, rest) || nothingRecurs(first, rest);
    }

    private boolean isUsual(String cell) {
        String name = cell.strip().toLowerCase(Locale.ROOT);
        return usual.contains(name) || MappingGuess.SPLIT_NAMES.contains(name);
    }

    private static boolean isPositional(String name) {
        return name.matches(COLUMN + "\\d+");
    }

    private static boolean numbersBelowWords(List<@Nullable String> first, List<Cells> rest) {
        for (int column = 0; column < first.size(); column++) {
            int numbers = 0;
            int present = 0;
            for (Cells cells : rest) {
                String cell = column < cells.cells().size() ? cells.cells().get(column) : null;
                if (cell != null && !Numbers.isMissing(cell)) {
                    present++;
                    numbers += Numbers.isNumber(cell) ? 1 : 0;
                }
            }
            if (present > 0 && numbers * 10 >= present * 9) {
                return true;
            }
        }
        return false;
    }

    /** A label or a split word of the first row comes again below; a column's name does not. */
    private static boolean nothingRecurs(List<@Nullable String> first, List<Cells> rest) {
        for (int column = 0; column < first.size(); column++) {
            String name = first.get(column);
            Set<String> below = new HashSet<>();
            for (Cells cells : rest) {
                String cell = column < cells.cells().size() ? cells.cells().get(column) : null;
                if (cell != null) {
                    below.add(cell);
                }
            }
            if (name != null && (below.contains(name) || Split.parse(name).isPresent() && below.size() <= 3)) {
                return false;
            }
        }
        return true;
    }
}
