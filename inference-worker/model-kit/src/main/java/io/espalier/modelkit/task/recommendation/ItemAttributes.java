package io.espalier.modelkit.task.recommendation;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.espalier.modelkit.bundle.InvalidBundleException;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * What is known of the items of a catalog, to choose among them. Immutable.
 *
 * <p>The file is JSON Lines: the columns, {@code [{"name": …, "kind": …}]}, then of every item of the catalog, in its order, a
 * list of its cells, each a text or null, or null where nothing is said of the item.
 */
public final class ItemAttributes {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String SEPARATORS = "[|;]";
    private static final String DATE = "\\d{4}-\\d{2}-\\d{2}([T ].*)?";
    private static final int DATE_LENGTH = 10;
    /** Whose square is a number still. */
    private static final double LARGEST = 1e150;

    private final Map<String, Map<String, Having>> categories = new LinkedHashMap<>();
    private final Map<String, NumberIndex> numbers = new LinkedHashMap<>();

    /** The items with a category, in whichever form is the smaller one. */
    private sealed interface Having {
        static Having of(int[] items, int catalog) {
            if (items.length < catalog / Integer.SIZE) {
                return new Few(items);
            }
            BitSet many = new BitSet(catalog);
            Arrays.stream(items).forEach(many::set);
            return new Many(many);
        }

        void addTo(BitSet all);
    }

    private record Few(int[] items) implements Having {
        @Override
        public void addTo(BitSet all) {
            for (int item : items) {
                all.set(item);
            }
        }
    }

    private record Many(BitSet items) implements Having {
        @Override
        public void addTo(BitSet all) {
            all.or(items);
        }
    }

    /** What a column says of an item. */
    public enum Kind {
        @JsonProperty("text")
        TEXT,
        @JsonProperty("number")
        NUMBER,
        @JsonProperty("categories")
        CATEGORIES
    }

    public record Column(String name, Kind kind) {}

    /** Hears of the items in their order. */
    public interface Items {
        /** @param cells in the order of the columns; null where nothing is said of the item */
        void item(int index, @Nullable List<@Nullable String> cells);
    }

    private ItemAttributes() {}

    /** The columns alone. */
    public static List<Column> columns(Path file) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            return columns(lines);
        } catch (IOException | JacksonException e) {
            throw unreadable(file, e);
        }
    }

    private static List<Column> columns(BufferedReader lines) throws IOException {
        return JSON.readValue(lines.readLine(), new TypeReference<List<Column>>() {});
    }

    private static InvalidBundleException unreadable(Path file, Exception cause) {
        return new InvalidBundleException("The bundle's " + file.getFileName() + " cannot be read.", cause);
    }

    /** @return the columns */
    public static List<Column> read(Path file, Items items) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            List<Column> columns = columns(lines);
            int index = 0;
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                items.item(index++, JSON.readValue(line, new TypeReference<@Nullable List<@Nullable String>>() {}));
            }
            return columns;
        } catch (IOException | JacksonException e) {
            throw unreadable(file, e);
        }
    }

    /** The first line of a file. */
    public static String header(List<Column> columns) {
        return JSON.writeValueAsString(columns);
    }

    /** Copies a file without its texts, by which no items are chosen. */
    public static void copyWithoutTexts(Path from, Path to) throws IOException {
        List<Column> columns = columns(from);
        try (BufferedWriter out = Files.newBufferedWriter(to)) {
            out.write(header(columns));
            read(from, (_, cells) -> {
                for (int i = 0; cells != null && i < columns.size(); i++) {
                    if (columns.get(i).kind() == Kind.TEXT) {
                        cells.set(i, null);
                    }
                }
                try {
                    out.newLine();
                    out.write(JSON.writeValueAsString(cells));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    /** @param catalog how many items there are */
    static ItemAttributes open(Path file, int catalog) {
        ItemAttributes attributes = new ItemAttributes();
        List<@Nullable List<@Nullable String>> rows = new ArrayList<>();
        List<Column> columns = read(file, (_, cells) -> rows.add(cells));
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            switch (column.kind()) {
                case TEXT -> {}
                case NUMBER -> attributes.numbers.put(column.name(), new NumberIndex(numbers(rows, i, catalog)));
                case CATEGORIES -> attributes.categories.put(column.name(), categories(rows, i, catalog));
            }
        }
        return attributes;
    }

    private static double[] numbers(List<@Nullable List<@Nullable String>> rows, int column, int catalog) {
        double[] numbers = new double[catalog];
        Arrays.fill(numbers, Double.NaN);
        for (int item = 0; item < rows.size(); item++) {
            List<@Nullable String> cells = rows.get(item);
            String cell = cells == null ? null : cells.get(column);
            numbers[item] = cell == null ? Double.NaN : number(cell);
        }
        return numbers;
    }

    private static Map<String, Having> categories(
            List<@Nullable List<@Nullable String>> rows, int column, int catalog) {
        Map<String, IntStream.Builder> having = new LinkedHashMap<>();
        for (int item = 0; item < rows.size(); item++) {
            List<@Nullable String> cells = rows.get(item);
            String cell = cells == null ? null : cells.get(column);
            for (String category : cell == null ? List.<String>of() : categories(cell)) {
                having.computeIfAbsent(category, _ -> IntStream.builder()).add(item);
            }
        }
        Map<String, Having> items = new HashMap<>();
        having.forEach(
                (category, found) -> items.put(category, Having.of(found.build().toArray(), catalog)));
        return items;
    }

    /** What stands between bars or semicolons. */
    public static List<String> categories(String cell) {
        return Arrays.stream(cell.split(SEPARATORS))
                .map(String::strip)
                .filter(category -> !category.isEmpty())
                .distinct()
                .toList();
    }

    /** A number of at most 1e150, or the days from 1970 to a date; NaN where a cell is neither. */
    public static double number(String cell) {
        char first = cell.charAt(0);
        if (!Character.isDigit(first) && first != '-' && first != '+' && first != '.') {
            return Double.NaN;
        }
        try {
            if (cell.matches(DATE)) {
                return LocalDate.parse(cell.substring(0, DATE_LENGTH)).toEpochDay();
            }
            double number = Double.parseDouble(cell);
            return Math.abs(number) <= LARGEST ? number : Double.NaN;
        } catch (NumberFormatException | DateTimeException _) {
            return Double.NaN;
        }
    }

    /** Columns that items can be chosen by. */
    List<String> columns() {
        List<String> columns = new ArrayList<>(categories.keySet());
        columns.addAll(numbers.keySet());
        return columns;
    }

    boolean hasCategories(String column) {
        return categories.containsKey(column);
    }

    boolean hasNumbers(String column) {
        return numbers.containsKey(column);
    }

    /** Items with one of the categories at least. */
    BitSet having(String column, List<String> wanted) {
        BitSet items = new BitSet();
        Map<String, Having> having = categories.getOrDefault(column, Map.of());
        for (String category : wanted) {
            if (having.get(category) instanceof Having some) {
                some.addTo(items);
            }
        }
        return items;
    }

    /** Items of which the number is known, and not below the least or above the most. */
    BitSet between(String column, double least, double most) {
        NumberIndex known = numbers.get(column);
        return known == null ? new BitSet() : known.between(least, most);
    }
}
