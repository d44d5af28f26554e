package io.espalier.training.data;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport.FileFormat;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.DatasetReport.Preview;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.task.ColumnRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a dataset version that have the same columns: what form each has, what the columns mean, and the rows, of which
 * the damaged ones are reported here. One thread.
 */
public final class DatasetFiles {
    private static final int PREVIEW_ROWS = 20;
    private static final int HEARTBEAT_ROWS = 2000;
    /** So many are worth a word. */
    public static final int MANY_ROWS = 1_000_000;

    private final List<ColumnRole> roles;
    private final @Nullable Blobs blobs;
    private final Path directory;
    private final IssueLog issues;
    private final ScanWatch watch;
    private final Map<LocalPart, DataFile> files;
    private final List<LocalPart> parts;
    private final List<String> columns;
    private final ColumnMapping mapping;
    private final boolean readable;
    private final CellCensus census;
    private final List<FileFormat> formats = new ArrayList<>();
    private final List<List<@Nullable String>> preview = new ArrayList<>();
    private final Set<Integer> usedColumns = new LinkedHashSet<>();
    /** Those of the used ones that a row can do without: all that is said of what another table's row is about. */
    private final Set<Integer> restColumns = new HashSet<>();

    private final int splitColumn;
    private long rows;

    /**
     * Finds out all but the rows.
     *
     * @param roles that the columns may have
     * @param given by the user; what it leaves open is guessed
     * @param blobs takes the files that archives hold; null for tasks whose cells are no files
     * @param directory for what is unpacked
     */
    DatasetFiles(
            List<ColumnRole> roles,
            List<LocalPart> uploaded,
            ColumnMapping given,
            @Nullable Blobs blobs,
            Path directory,
            IssueLog issues,
            ScanWatch watch)
            throws IOException {
        this.roles = roles;
        this.blobs = blobs;
        this.directory = directory;
        this.issues = issues;
        this.watch = watch;
        if (uploaded.isEmpty()) {
            issues.found(IssueCode.MISSING_FILE, 1, List.of(), "The version has no files.");
        }
        this.files = filesOf(given, uploaded);
        this.parts = List.copyOf(union(uploaded, files.keySet()));
        this.columns = files.isEmpty() ? List.of() : columnsOf(files);
        files.forEach((part, file) -> checkNames(part, file, columns));
        this.mapping = files.isEmpty() ? given : complete(given);
        this.readable = !files.isEmpty() && !mappingHasIssues();
        this.census = new CellCensus(columns);
        this.splitColumn = mapping.splitColumn() == null ? -1 : columns.indexOf(mapping.splitColumn());
        mapping.columnsByRole()
                .values()
                .forEach(names -> names.forEach(name -> usedColumns.add(columns.indexOf(name))));
        if (splitColumn >= 0) {
            usedColumns.add(splitColumn);
        }
        usedColumns.remove(-1);
        roles.stream()
                .filter(role -> role.many() && role.table() != null)
                .flatMap(role -> mapping.columnsByRole().getOrDefault(role.name(), List.of()).stream())
                .forEach(name -> restColumns.add(columns.indexOf(name)));
    }

    /**
     * The files of a task of several tables: each table's have columns of their own.
     *
     * @param others by the name of the table, those that have files
     */
    public record Tables(DatasetFiles examples, Map<String, DatasetFiles> others) {
        /** The columns of all tables. */
        public ColumnMapping mapping() {
            Map<String, List<String>> byRole =
                    new LinkedHashMap<>(examples.mapping().columnsByRole());
            others.values().forEach(table -> byRole.putAll(table.mapping().columnsByRole()));
            return new ColumnMapping(byRole, examples.mapping().splitColumn());
        }

        /** What each file turned out to be; after {@link DatasetFiles#read}. */
        public List<FileFormat> formats() {
            return Stream.concat(Stream.of(examples), others.values().stream())
                    .flatMap(table -> table.formats().stream())
                    .toList();
        }

        /** Empty cells, by column, those of other tables as {@code items.title}; after {@link DatasetFiles#read}. */
        public Map<String, Long> missing() {
            Map<String, Long> missing = new LinkedHashMap<>(examples.missing());
            others.forEach((name, table) ->
                    table.missing().forEach((column, count) -> missing.put(name + "." + column, count)));
            return missing;
        }
    }

    /** The files of a task whose cells are no files, each in the table that it belongs to. */
    public static Tables tables(List<ColumnRole> roles, ScanRequest request, IssueLog issues) throws IOException {
        Map<String, List<ColumnRole>> byTable = new LinkedHashMap<>();
        roles.forEach(
                role -> byTable.computeIfAbsent(Objects.requireNonNullElse(role.table(), ""), _ -> new ArrayList<>())
                        .add(role));
        TableGuess guess = new TableGuess(byTable, request.mapping());
        List<LocalPart> all = request.downloads().parts();
        Map<String, List<LocalPart>> parts = new LinkedHashMap<>();
        for (LocalPart part : all) {
            // One file alone can only be examples, whatever it looks like.
            String table = all.size() == 1 ? "" : guess.tableOf(part);
            parts.computeIfAbsent(table, _ -> new ArrayList<>()).add(part);
        }
        if (!parts.containsKey("")) {
            parts = withExamples(parts, all, guess);
        }
        Map<String, DatasetFiles> tables = new LinkedHashMap<>();
        for (var table : parts.entrySet()) {
            tables.put(
                    table.getKey(),
                    new DatasetFiles(
                            byTable.getOrDefault(table.getKey(), List.of()),
                            table.getValue(),
                            guess.mappingOf(table.getKey()),
                            null,
                            request.directory(),
                            issues,
                            request.watch()));
        }
        DatasetFiles examples = Objects.requireNonNull(tables.remove(""));
        return new Tables(examples, tables);
    }

    /** Where no file holds examples: those that could, else those that are called as no table is, else all. */
    private static Map<String, List<LocalPart>> withExamples(
            Map<String, List<LocalPart>> found, List<LocalPart> all, TableGuess guess) throws IOException {
        List<LocalPart> unnamed =
                all.stream().filter(part -> !guess.isNamed(part)).toList();
        List<LocalPart> examples = new ArrayList<>();
        for (LocalPart part : unnamed) {
            if (guess.couldBeExamples(part)) {
                examples.add(part);
            }
        }
        List<LocalPart> chosen = !examples.isEmpty() ? examples : !unnamed.isEmpty() ? unnamed : all;
        Map<String, List<LocalPart>> parts = new LinkedHashMap<>();
        parts.put("", chosen);
        found.forEach((table, own) -> {
            List<LocalPart> rest =
                    own.stream().filter(part -> !chosen.contains(part)).toList();
            if (!rest.isEmpty()) {
                parts.put(table, rest);
            }
        });
        return parts;
    }

    /** Hears of every row that is whole. */
    public interface Rows {
        /**
         * @param index of the part in {@link DatasetFiles#parts}
         * @param split that the user gave for the row; null where there is none
         * @param cells in the order of {@link DatasetFiles#columns}
         */
        void row(LocalPart part, int index, long number, @Nullable Split split, List<@Nullable String> cells)
                throws SQLException;
    }

    /** Of all files, those that are none of the columns' excepted. */
    public List<String> columns() {
        return columns;
    }

    /** Complete where the files are {@link #isReadable}. */
    public ColumnMapping mapping() {
        return mapping;
    }

    /** Whether there are rows, and it is clear what their columns mean. */
    public boolean isReadable() {
        return readable;
    }

    /** Of the files that hold the rows; what archives hold beside them is not among them. */
    public List<LocalPart> parts() {
        return parts;
    }

    /** The column that says what each row is for; null where there is none. */
    public @Nullable String splitColumn() {
        return splitColumn < 0 ? null : columns.get(splitColumn);
    }

    /** After {@link #read}. */
    public List<FileFormat> formats() {
        return List.copyOf(formats);
    }

    /** After {@link #read}. */
    public Preview preview() {
        return new Preview(columns, List.copyOf(preview));
    }

    /** Empty cells, by column; after {@link #read}. */
    public Map<String, Long> missing() {
        return census.missing();
    }

    CellCensus census() {
        return census;
    }

    /** Those read so far, damaged ones included. */
    public long rows() {
        return rows;
    }

    /** Passes over all files once. */
    public void read(Rows to) throws IOException {
        try {
            for (var entry : files.entrySet()) {
                read(entry.getKey(), parts.indexOf(entry.getKey()), entry.getValue(), to);
            }
        } catch (UncheckedSqlException e) {
            throw ScratchDatabase.failed(e);
        }
    }

    private static final class UncheckedSqlException extends RuntimeException {
        UncheckedSqlException(SQLException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private ColumnMapping complete(ColumnMapping given) {
        String first = files.keySet().iterator().next().name();
        boolean splitsGiven = parts.stream().anyMatch(part -> part.part().split() != null);
        ColumnMapping complete =
                new MappingGuess(roles, columns, sampleOf(files, columns), first, issues).complete(given, splitsGiven);
        Set<String> used = columnsOf(complete);
        files.forEach((part, file) -> checkLacking(part, file, columns, used, first));
        return complete;
    }

    /** Tables as they are, archives unpacked. Where there are tables, they say what the files in archives are. */
    private Map<LocalPart, DataFile> filesOf(ColumnMapping given, List<LocalPart> uploaded) throws IOException {
        FileDetection detection = new FileDetection(headerGuess(given), issues, blobs);
        if (blobs == null) {
            return detection.open(uploaded);
        }
        Archives archives = new Archives(blobs, issues, directory, watch::beat);
        Map<LocalPart, DataFile> folders = new LinkedHashMap<>();
        List<LocalPart> tables = new ArrayList<>();
        for (LocalPart part : uploaded) {
            FileArchive archive = part.path() == null ? null : archives.unpack(part, part.path());
            if (archive == null) {
                tables.add(part);
            } else {
                folders.put(part.withoutNumbers(), archive);
            }
        }
        tables.addAll(archives.tables());
        if (!tables.isEmpty()) {
            return detection.open(tables);
        }
        folders.forEach((part, archive) -> {
            if (((FileArchive) archive).files().isEmpty()) {
                if (!issues.hasErrors()) {
                    issues.found(IssueCode.NO_FILES, part.place(null, null, null));
                }
            } else if (!((FileArchive) archive).hasLabels()) {
                issues.found(IssueCode.NO_CLASS_FOLDERS, part.place(null, null, null));
            }
        });
        return folders;
    }

    private static Set<LocalPart> union(List<LocalPart> some, Set<LocalPart> others) {
        Set<LocalPart> all = new LinkedHashSet<>(others);
        Set<String> names = others.stream().map(LocalPart::name).collect(Collectors.toSet());
        some.stream().filter(part -> !names.contains(part.name())).forEach(all::add);
        return all;
    }

    private boolean mappingHasIssues() {
        return Stream.of(
                        IssueCode.UNKNOWN_COLUMN,
                        IssueCode.MISSING_COLUMN,
                        IssueCode.COLUMN_USED_TWICE,
                        IssueCode.UNKNOWN_ROLE,
                        IssueCode.DUPLICATE_COLUMN,
                        IssueCode.COLUMNS_DIFFER)
                .anyMatch(code -> issues.count(code) > 0);
    }

    private HeaderGuess headerGuess(ColumnMapping given) {
        return new HeaderGuess(columnsOf(given), usualNames(roles));
    }

    static Set<String> usualNames(List<ColumnRole> roles) {
        return roles.stream().flatMap(role -> role.usualNames().stream()).collect(Collectors.toSet());
    }

    static Set<String> columnsOf(ColumnMapping mapping) {
        Set<String> mapped = mapping.columnsByRole().values().stream()
                .flatMap(Collection::stream)
                .collect(Collectors.toCollection(HashSet::new));
        if (mapping.splitColumn() != null && !mapping.splitColumn().isEmpty()) {
            mapped.add(mapping.splitColumn());
        }
        return mapped;
    }

    /** The first file's columns; for JSON Lines, whose rows may each lack fields, all files' together. */
    private static List<String> columnsOf(Map<LocalPart, DataFile> files) {
        Set<String> columns =
                new LinkedHashSet<>(files.values().iterator().next().columns());
        files.values().stream().filter(JsonLinesFile.class::isInstance).forEach(file -> columns.addAll(file.columns()));
        return List.copyOf(columns);
    }

    private void checkNames(LocalPart part, DataFile file, List<String> columns) {
        Set<String> seen = new HashSet<>();
        for (String column : file.columns()) {
            if (!seen.add(column)) {
                issues.found(
                        IssueCode.DUPLICATE_COLUMN,
                        new Place(part.name(), file.header() ? 1L : null, column, column),
                        "Two columns have the name \"%s\"; every column needs a name of its own.".formatted(column));
            }
        }
        file.columns().stream()
                .filter(column -> !columns.contains(column))
                .forEach(column -> issues.found(IssueCode.EXTRA_COLUMN, new Place(part.name(), null, column, null)));
    }

    /** A column that nobody uses may be absent: then it is the first file that has one too many. */
    private void checkLacking(LocalPart part, DataFile file, List<String> columns, Set<String> used, String first) {
        if (file instanceof JsonLinesFile) {
            return;
        }
        Set<String> present = new HashSet<>(file.columns());
        List<String> lacking =
                columns.stream().filter(column -> !present.contains(column)).toList();
        List<String> needed = lacking.stream().filter(used::contains).toList();
        if (!needed.isEmpty()) {
            issues.found(
                    IssueCode.COLUMNS_DIFFER,
                    new Place(part.name(), null, needed.getFirst(), null),
                    "The file %s lacks columns that the other files have: %s."
                            .formatted(
                                    part.name(),
                                    String.join(", ", needed.stream().limit(20).toList())));
        }
        lacking.stream()
                .filter(column -> !used.contains(column))
                .forEach(column -> issues.found(IssueCode.EXTRA_COLUMN, new Place(first, null, column, null)));
    }

    private static List<List<@Nullable String>> sampleOf(Map<LocalPart, DataFile> files, List<String> columns) {
        List<List<@Nullable String>> sample = new ArrayList<>();
        for (DataFile file : files.values()) {
            int[] positions = positions(file, columns);
            file.sample().forEach(row -> sample.add(arranged(row, positions)));
        }
        return sample;
    }

    /** Where each of the dataset's columns stands in the file; -1 where it has none. */
    private static int[] positions(DataFile file, List<String> columns) {
        return columns.stream().mapToInt(file.columns()::indexOf).toArray();
    }

    private static List<@Nullable String> arranged(List<@Nullable String> cells, int[] positions) {
        @Nullable String[] arranged = new @Nullable String[positions.length];
        for (int i = 0; i < positions.length; i++) {
            arranged[i] = positions[i] < 0 ? null : cells.get(positions[i]);
        }
        return Arrays.asList(arranged);
    }

    private void read(LocalPart part, int index, DataFile file, Rows to) throws IOException {
        long before = rows;
        boolean decodable = isDecodable(part, file);
        int[] positions = positions(file, columns);
        file.read(new DataFile.Reader() {
            @Override
            public void row(long number, List<@Nullable String> cells, Map<Integer, String> nested) {
                countRow();
                List<@Nullable String> row = arranged(cells, positions);
                Map<Integer, String> nestedColumns = new HashMap<>();
                for (int i = 0; i < positions.length; i++) {
                    String words = nested.get(positions[i]);
                    if (words != null) {
                        nestedColumns.put(i, words);
                    }
                }
                if (preview.size() < PREVIEW_ROWS) {
                    preview.add(
                            new ArrayList<>(row.stream().map(IssueLog::shorten).toList()));
                }
                census.add(part.name(), number, row);
                take(part, index, number, row, nestedColumns, decodable, to);
            }

            @Override
            public void broken(long number, IssueCode code, @Nullable String value) {
                countRow();
                issues.found(code, part.place(number, null, value));
            }

            @Override
            public void stopped(@Nullable Long number, IssueCode code, @Nullable String message) {
                if (number != null) {
                    countRow();
                }
                issues.found(code, part.place(number, null, null), message == null ? "" : message);
            }

            @Override
            public void unexpectedField(long number, String name) {
                issues.found(IssueCode.UNEXPECTED_FIELD, part.place(number, IssueLog.shorten(name), null));
            }
        });
        CsvDialect dialect = file.dialect();
        formats.add(new FileFormat(
                part.name(),
                file.format(),
                file.encoding(),
                dialect == null ? null : String.valueOf(dialect.delimiter()),
                dialect == null ? null : dialect.quote(),
                file.header(),
                file.columns(),
                rows - before));
        if (rows == before) {
            issues.found(IssueCode.NO_ROWS, part.place(null, null, null));
        }
    }

    private void countRow() {
        if (++rows % HEARTBEAT_ROWS == 0) {
            watch.beat();
            if (rows % MANY_ROWS == 0) {
                watch.says("Read %,d rows".formatted(rows));
            }
        }
    }

    private void take(
            LocalPart part,
            int index,
            long number,
            List<@Nullable String> row,
            Map<Integer, String> nestedColumns,
            boolean decodable,
            Rows to) {
        for (int column : usedColumns) {
            String cell = row.get(column);
            String words = nestedColumns.get(column);
            boolean nested = words != null;
            if (words != null && restColumns.contains(column)) {
                if (words.isEmpty()) {
                    issues.found(IssueCode.NESTED_ATTRIBUTE, part.place(number, columns.get(column), cell));
                    row.set(column, null);
                    continue;
                }
                nested = false;
                cell = words;
                row.set(column, words);
            }
            IssueCode damage = nested ? IssueCode.NESTED_VALUE : damageOf(cell, decodable);
            if (damage != null) {
                issues.found(damage, part.place(number, columns.get(column), cell));
                return;
            }
        }
        Split split = part.part().split();
        String word = splitColumn < 0 || split != null ? null : row.get(splitColumn);
        if (word != null && !word.isBlank()) {
            split = Split.parse(word).orElse(null);
            if (split == null) {
                issues.found(IssueCode.UNKNOWN_SPLIT, part.place(number, columns.get(splitColumn), word));
                return;
            }
        }
        if (readable) {
            try {
                to.row(part, index, number, split, row);
            } catch (SQLException e) {
                throw new UncheckedSqlException(e);
            }
        }
    }

    /** Whether a U+FFFD stands in the file itself, rather than for bytes that are no character. */
    private static boolean isDecodable(LocalPart part, DataFile file) {
        return StandardCharsets.UTF_8.name().equals(file.encoding()) && part.census().invalidUtf8Sequences == 0;
    }

    private static @Nullable IssueCode damageOf(@Nullable String cell, boolean decodable) {
        if (cell == null) {
            return null;
        }
        // Half a surrogate pair comes out of JSON escapes and cannot be encoded again.
        boolean undecodable = hasSurrogates(cell)
                && cell.codePoints().anyMatch(c -> c == '\ufffd' && !decodable || c >= 0xd800 && c <= 0xdfff);
        return undecodable ? IssueCode.UNDECODABLE_BYTES : cell.indexOf('\0') >= 0 ? IssueCode.NUL_BYTE : null;
    }

    /** Or characters beyond them, of which U+FFFD is one. Few cells have any, and millions of cells are looked at. */
    private static boolean hasSurrogates(String cell) {
        for (int i = 0; i < cell.length(); i++) {
            if (cell.charAt(i) >= Character.MIN_SURROGATE) {
                return true;
            }
        }
        return false;
    }
}
