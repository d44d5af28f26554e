package io.espalier.training.data;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.FileFormat;
import io.espalier.contracts.dataset.DatasetReport.Lengths;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.DatasetReport.Preview;
import io.espalier.contracts.dataset.DatasetReport.Profile;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.process.FileTrees;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.modelkit.task.ExampleReader;
import io.espalier.modelkit.task.ExampleReader.RowResult.Example;
import io.espalier.modelkit.task.ExampleReader.RowResult.Rejected;
import io.espalier.modelkit.task.TaskKit;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One pass over all parts of a dataset version: finds every problem, decides what is left out and where the rest goes. The
 * report and the splits of a training job both come from here, so they cannot disagree. Memory does not grow with the data.
 * One thread; the caller closes it, which deletes its files.
 */
final class DatasetScan implements AutoCloseable {
    static final int FEWEST_ROWS_OF_A_CLASS = 3;
    private static final int FEWEST_ROWS = 10;
    private static final int FEW_ROWS = 50;
    private static final int MOST_CLASSES = 1000;
    private static final int PREVIEW_ROWS = 20;
    private static final int HEARTBEAT_ROWS = 2000;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final TaskKit kit;
    private final TaskDescriptor task;
    private final boolean table;
    private final Path directory;
    private final Runnable heartbeat;
    private final RowStore store;
    private final String contentHash;
    private final IssueLog issues = new IssueLog();
    private final List<FileFormat> formats = new ArrayList<>();
    private final DatasetReport report;
    /** Features that are numbers, for a training and whoever uses its model: nobody after the scan decides that again. */
    private Set<String> numericColumns = Set.of();

    private long rows;

    static DatasetScan run(
            TaskKit kit,
            List<DatasetPart> parts,
            ColumnMapping mapping,
            PartDownloads.Source source,
            Path workDirectory,
            Runnable heartbeat)
            throws IOException {
        Files.createDirectories(workDirectory);
        Path directory = Files.createTempDirectory(workDirectory, "dataset-");
        try {
            PartDownloads downloads = PartDownloads.fetch(parts, source, directory, heartbeat);
            return new DatasetScan(kit, downloads, mapping, directory, heartbeat);
        } catch (SQLException e) {
            FileTrees.delete(directory);
            throw new IOException("The database of the scan failed: " + e.getMessage(), e);
        } catch (IOException | RuntimeException e) {
            FileTrees.delete(directory);
            throw e;
        }
    }

    private DatasetScan(TaskKit kit, PartDownloads downloads, ColumnMapping given, Path directory, Runnable heartbeat)
            throws IOException, SQLException {
        this.kit = kit;
        this.task = kit.descriptor();
        this.table = task.columns().stream().anyMatch(ColumnRole::many);
        this.directory = directory;
        this.heartbeat = heartbeat;
        this.contentHash = downloads.contentHash();
        this.store = new RowStore(directory, heartbeat);
        try {
            this.report = scan(downloads.parts(), given);
        } catch (IOException | SQLException | RuntimeException e) {
            store.close();
            throw e;
        }
    }

    DatasetReport report() {
        return report;
    }

    String contentHash() {
        return contentHash;
    }

    /** The directory of the scan, for files that go when it is closed. */
    Path directory() {
        return directory;
    }

    /** Writes the rows of a split as JSON Lines, in the order of their content. */
    void write(Split split, Path file) throws IOException, SQLException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            store.<IOException>export(split, (input, label) -> {
                out.write("{\"input\":");
                out.write(numericColumns.isEmpty() ? input : withNumbers(input));
                out.write(",\"label\":");
                out.write(JSON.writeValueAsString(label));
                out.write("}\n");
            });
        }
    }

    /**
     * The row with numbers in the columns of numbers, where what is none is missing: that it is such a column is known only
     * after the last row. All other cells stay texts, also those that look like numbers.
     */
    private String withNumbers(String input) {
        ObjectNode row = (ObjectNode) JSON.readTree(input);
        for (String column : numericColumns) {
            JsonNode cell = row.path(column);
            if (cell.isString() && Numbers.isNumber(cell.asString())) {
                row.set(column, Numbers.toJson(cell.asString()));
            } else {
                row.putNull(column);
            }
        }
        return row.toString();
    }

    private DatasetReport scan(List<LocalPart> parts, ColumnMapping given) throws IOException, SQLException {
        if (parts.isEmpty()) {
            issues.found(IssueCode.MISSING_FILE, 1, List.of(), "The version has no files.");
        }
        Map<LocalPart, DataFile> files = new FileDetection(headerGuess(given), issues).open(parts);
        List<String> columns = files.isEmpty() ? List.of() : columnsOf(files);
        files.forEach((part, file) -> checkNames(part, file, columns));
        ColumnMapping mapping = given;
        if (!files.isEmpty()) {
            String first = files.keySet().iterator().next().name();
            boolean splitsGiven = parts.stream().anyMatch(part -> part.part().split() != null);
            mapping = new MappingGuess(task, columns, sampleOf(files, columns), first, issues)
                    .complete(given, splitsGiven);
            Set<String> used = columnsOf(mapping);
            files.forEach((part, file) -> checkLacking(part, file, columns, used, first));
        }
        boolean readable = !files.isEmpty() && !mappingHasIssues();
        Pass pass = new Pass(columns, mapping, readable ? kit.examples(columns, mapping) : null);
        for (var entry : files.entrySet()) {
            pass.read(entry.getKey(), entry.getValue(), parts.indexOf(entry.getKey()));
        }
        store.complete();
        if (table && readable) {
            numericColumns = pass.census.reportWords(features(mapping), issues);
        }
        return report(parts, mapping, pass, readable);
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
        Set<String> usual = task.columns().stream()
                .flatMap(role -> role.usualNames().stream())
                .collect(Collectors.toSet());
        return new HeaderGuess(columnsOf(given), usual);
    }

    private static Set<String> columnsOf(ColumnMapping mapping) {
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

    private List<String> features(ColumnMapping mapping) {
        return task.columns().stream()
                .filter(ColumnRole::many)
                .flatMap(role -> mapping.columnsByRole().getOrDefault(role.name(), List.of()).stream())
                .toList();
    }

    /** Reads all files, row by row, into the store. */
    private final class Pass {
        final List<String> columns;
        final CellCensus census;
        final List<List<@Nullable String>> preview = new ArrayList<>();
        private final @Nullable ExampleReader examples;
        private final Set<Integer> usedColumns = new LinkedHashSet<>();
        private final int splitColumn;
        private final @Nullable String labelColumn;
        private final @Nullable String inputColumn;

        Pass(List<String> columns, ColumnMapping mapping, @Nullable ExampleReader examples) {
            this.columns = columns;
            this.census = new CellCensus(columns);
            this.examples = examples;
            this.splitColumn = mapping.splitColumn() == null ? -1 : columns.indexOf(mapping.splitColumn());
            mapping.columnsByRole()
                    .values()
                    .forEach(names -> names.forEach(name -> usedColumns.add(columns.indexOf(name))));
            if (splitColumn >= 0) {
                usedColumns.add(splitColumn);
            }
            usedColumns.remove(-1);
            this.labelColumn = columnOf(mapping, ColumnRole.LABEL);
            this.inputColumn = table
                    ? null
                    : task.columns().stream()
                            .map(ColumnRole::name)
                            .filter(role -> !role.equals(ColumnRole.LABEL))
                            .findFirst()
                            .map(role -> columnOf(mapping, role))
                            .orElse(null);
        }

        private static @Nullable String columnOf(ColumnMapping mapping, String role) {
            List<String> names = mapping.columnsByRole().getOrDefault(role, List.of());
            return names.isEmpty() ? null : names.getFirst();
        }

        void read(LocalPart part, DataFile file, int index) throws IOException {
            long before = rows;
            boolean decodable = isDecodable(part, file);
            int[] positions = positions(file, columns);
            try {
                file.read(new DataFile.Reader() {
                    @Override
                    public void row(long number, List<@Nullable String> cells, List<Integer> nested) {
                        countRow();
                        List<@Nullable String> row = arranged(cells, positions);
                        Set<Integer> nestedColumns = new HashSet<>();
                        for (int i = 0; i < positions.length; i++) {
                            if (nested.contains(positions[i])) {
                                nestedColumns.add(i);
                            }
                        }
                        if (preview.size() < PREVIEW_ROWS) {
                            preview.add(new ArrayList<>(
                                    row.stream().map(IssueLog::shorten).toList()));
                        }
                        census.add(part.name(), number, row);
                        take(part, index, number, row, nestedColumns, decodable);
                    }

                    @Override
                    public void broken(long number, IssueCode code, @Nullable String value) {
                        countRow();
                        issues.found(code, new Place(part.name(), number, null, value));
                    }

                    @Override
                    public void stopped(@Nullable Long number, IssueCode code, @Nullable String message) {
                        if (number != null) {
                            countRow();
                        }
                        issues.found(code, new Place(part.name(), number, null, null), message == null ? "" : message);
                    }

                    @Override
                    public void unexpectedField(long number, String name) {
                        issues.found(
                                IssueCode.UNEXPECTED_FIELD,
                                new Place(part.name(), number, IssueLog.shorten(name), null));
                    }
                });
            } catch (UncheckedSqlException e) {
                throw new IOException("The database of the scan failed: " + e.getMessage(), e);
            }
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
                issues.found(IssueCode.NO_ROWS, new Place(part.name(), null, null, null));
            }
        }

        private void countRow() {
            if (++rows % HEARTBEAT_ROWS == 0) {
                heartbeat.run();
            }
        }

        private void take(
                LocalPart part,
                int index,
                long number,
                List<@Nullable String> row,
                Set<Integer> nestedColumns,
                boolean decodable) {
            for (int column : usedColumns) {
                String cell = row.get(column);
                IssueCode damage = nestedColumns.contains(column) ? IssueCode.NESTED_VALUE : damageOf(cell, decodable);
                if (damage != null) {
                    issues.found(damage, new Place(part.name(), number, columns.get(column), cell));
                    return;
                }
            }
            Split split = part.part().split();
            String word = splitColumn < 0 || split != null ? null : row.get(splitColumn);
            if (word != null && !word.isBlank()) {
                split = Split.parse(word).orElse(null);
                if (split == null) {
                    issues.found(
                            IssueCode.UNKNOWN_SPLIT, new Place(part.name(), number, columns.get(splitColumn), word));
                    return;
                }
            }
            if (examples == null) {
                return;
            }
            switch (examples.read(row)) {
                case Rejected(String code, String column, String message) -> {
                    int position = columns.indexOf(column);
                    String value = position < 0 ? null : row.get(position);
                    issues.rejected(code, message, new Place(part.name(), number, column, value));
                }
                case Example example -> {
                    if (split == null && splitColumn >= 0) {
                        issues.found(
                                IssueCode.MISSING_SPLIT,
                                new Place(part.name(), number, columns.get(splitColumn), null));
                    }
                    store(index, number, split, example);
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
            boolean undecodable =
                    cell.codePoints().anyMatch(c -> c == '\ufffd' && !decodable || c >= 0xd800 && c <= 0xdfff);
            return undecodable ? IssueCode.UNDECODABLE_BYTES : cell.indexOf('\0') >= 0 ? IssueCode.NUL_BYTE : null;
        }

        private void store(int part, long number, @Nullable Split split, Example example) {
            String text = example.input().isString() ? example.input().asString() : null;
            try {
                store.add(
                        part,
                        number,
                        split,
                        example.identity(),
                        example.label(),
                        text == null ? 0 : text.codePointCount(0, text.length()),
                        text == null ? 1 : TokenEstimate.of(text),
                        text == null ? null : Languages.detect(text),
                        example.input().toString());
            } catch (SQLException e) {
                throw new UncheckedSqlException(e);
            }
        }
    }

    private static final class UncheckedSqlException extends RuntimeException {
        UncheckedSqlException(SQLException cause) {
            super(cause.getMessage(), cause);
        }
    }

    private DatasetReport report(List<LocalPart> parts, ColumnMapping mapping, Pass pass, boolean readable)
            throws SQLException {
        Map<Split, Long> bySplit = new EnumMap<>(Split.class);
        Map<String, Long> classes = new LinkedHashMap<>();
        Map<String, Long> languages = Map.of();
        Lengths lengths = null;
        long duplicates = 0;
        long truncated = 0;
        if (readable) {
            Places places = new Places(parts, pass.inputColumn, pass.labelColumn);
            log(IssueCode.LABEL_SPELLING, store.alignLabels(), places::ofLabel);
            store.judge(table);
            duplicates = judged(places);
            if (store.labels() > MOST_CLASSES) {
                issues.found(IssueCode.TOO_MANY_CLASSES, places.ofDataset(pass.labelColumn));
            } else {
                store.split();
                bySplit = store.rowsBySplit();
                classes = sorted(store.rowsByLabel());
                languages = store.rowsByLanguage();
                lengths = table ? null : store.lengths();
                RowStore.Finding tooLong = store.longerThan(TokenEstimate.DEFAULT_LENGTH);
                truncated = tooLong.count();
                log(IssueCode.TRUNCATED_TEXT, tooLong, places::ofInput);
                checkSplits(bySplit, places);
            }
        }
        for (Split split : Split.values()) {
            bySplit.putIfAbsent(split, 0L);
        }
        long used = bySplit.values().stream().mapToLong(Long::longValue).sum();
        return new DatasetReport(
                !issues.hasErrors(),
                mapping,
                List.copyOf(formats),
                rows,
                used,
                bySplit,
                issues.issues(),
                new Profile(classes, lengths, languages, pass.census.missing(), duplicates, truncated),
                new Preview(pass.columns, List.copyOf(pass.preview)));
    }

    /** @return rows that repeat an earlier row, kept or not */
    private long judged(Places places) throws SQLException {
        for (IssueCode code : List.of(
                IssueCode.TRAIN_ROW_IN_TEST,
                IssueCode.TRAIN_ROW_IN_VALIDATION,
                IssueCode.CONFLICTING_LABELS,
                IssueCode.DUPLICATE_ROW)) {
            log(code, store.leftOut(code), places::ofInput);
        }
        log(IssueCode.RARE_CLASS, store.leftOut(IssueCode.RARE_CLASS), places::ofLabel);
        RowStore.Finding repeated = store.repeated(false);
        RowStore.Finding repeatedTest = store.repeated(true);
        if (table) {
            log(IssueCode.EQUAL_ROWS, repeated, places::ofInput);
            log(IssueCode.AMBIGUOUS_ROWS, store.conflicting(false), places::ofLabel);
        }
        log(IssueCode.DUPLICATE_TEST_ROW, repeatedTest, places::ofInput);
        log(IssueCode.CONFLICTING_TEST_LABELS, store.conflicting(true), places::ofLabel);
        return issues.count(IssueCode.DUPLICATE_ROW) + repeated.count() + repeatedTest.count();
    }

    private void checkSplits(Map<Split, Long> bySplit, Places places) throws SQLException {
        long train = bySplit.getOrDefault(Split.TRAIN, 0L);
        long held = bySplit.getOrDefault(Split.VALIDATION, 0L) + bySplit.getOrDefault(Split.TEST, 0L);
        if (train == 0 && held > 0) {
            issues.found(IssueCode.NO_TRAINING_ROWS, places.ofDataset(null));
            return;
        }
        if (train > 0 && bySplit.getOrDefault(Split.VALIDATION, 0L) == 0) {
            issues.found(IssueCode.NO_VALIDATION_ROWS, places.ofDataset(null));
        }
        if (train > 0 && bySplit.getOrDefault(Split.TEST, 0L) == 0) {
            issues.found(IssueCode.NO_TEST_ROWS, places.ofDataset(null));
        }
        RowStore.Finding unknown = store.notInTraining();
        log(IssueCode.LABEL_NOT_IN_TRAIN, unknown, places::ofLabel);
        Map<Split, Long> unknownBySplit = store.notInTrainingBySplit();
        if (unknownBySplit.entrySet().stream()
                .anyMatch(split -> split.getValue() * 2 > bySplit.getOrDefault(split.getKey(), 0L))) {
            issues.found(IssueCode.LABELS_OF_TEST_DIFFER, places.ofDataset(null));
        }
        if (train > 0 && store.trainingLabels() < 2) {
            issues.found(IssueCode.ONE_CLASS, places.ofDataset(null));
        }
        if (train + held < FEWEST_ROWS) {
            // Files without a single row say so already.
            if (rows > 0) {
                issues.found(IssueCode.TOO_FEW_ROWS, places.ofDataset(null));
            }
        } else if (train + held < FEW_ROWS) {
            issues.found(IssueCode.FEW_ROWS, places.ofDataset(null));
        }
    }

    /** Where the rows that SQL finds stand, as the user knows them. */
    private record Places(
            List<LocalPart> parts,
            @Nullable String inputColumn,
            @Nullable String labelColumn) {
        Place ofInput(RowStore.Found found) {
            boolean text = found.input().startsWith("\"");
            return new Place(
                    parts.get(found.part()).name(),
                    found.row(),
                    inputColumn,
                    text ? found.input().substring(1).replaceAll("\"$", "") : null);
        }

        Place ofLabel(RowStore.Found found) {
            return new Place(parts.get(found.part()).name(), found.row(), labelColumn, found.label());
        }

        Place ofDataset(@Nullable String column) {
            return new Place(parts.getFirst().name(), null, column, null);
        }
    }

    private interface PlaceOf {
        Place of(RowStore.Found found);
    }

    private void log(IssueCode code, RowStore.Finding finding, PlaceOf place) {
        issues.found(
                code,
                finding.count(),
                finding.examples().stream().map(place::of).toList());
    }

    /** Numbers by value, words by the alphabet: the order of a model's outputs. */
    static Map<String, Long> sorted(Map<String, Long> byLabel) {
        boolean numeric = byLabel.keySet().stream().allMatch(Numbers::isNumber);
        Comparator<String> order = numeric
                ? Comparator.<String>comparingDouble(Double::parseDouble).thenComparing(Comparator.naturalOrder())
                : Comparator.naturalOrder();
        Map<String, Long> sorted = new LinkedHashMap<>();
        byLabel.keySet().stream().sorted(order).forEach(label -> sorted.put(label, byLabel.get(label)));
        return sorted;
    }

    @Override
    public void close() throws IOException {
        try {
            store.close();
        } catch (SQLException e) {
            throw new IOException("The database of the scan could not be closed: " + e.getMessage(), e);
        } finally {
            FileTrees.delete(directory);
        }
    }
}
