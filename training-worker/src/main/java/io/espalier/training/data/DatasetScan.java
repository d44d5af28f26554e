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
import io.espalier.modelkit.image.Images;
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
import tools.jackson.databind.json.JsonMapper;

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
    private static final int SAMPLE_ROWS = 8;
    /** Of their inputs together; the largest image fits. */
    private static final long MOST_SAMPLE_BYTES = 2L * Images.MOST_BYTES;

    private static final int HEARTBEAT_ROWS = 2000;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final TaskKit kit;
    private final TaskDescriptor task;
    private final Content content;
    private final Set<String> fileRoles;
    private final Blobs blobs;
    private final Path directory;
    private final Runnable heartbeat;
    private final RowStore store;
    private final String contentHash;
    private final IssueLog issues = new IssueLog();
    private final List<FileFormat> formats = new ArrayList<>();
    private final DatasetReport report;
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
        this.fileRoles = task.columns().stream()
                .filter(ColumnRole::files)
                .map(ColumnRole::name)
                .collect(Collectors.toSet());
        this.blobs = new Blobs(directory.resolve("blobs"));
        this.content = contentOf(task, blobs);
        this.directory = directory;
        this.heartbeat = heartbeat;
        this.contentHash = downloads.contentHash();
        this.store = new RowStore(directory, heartbeat);
        try {
            this.report = scan(downloads.parts(), given);
        } catch (IOException | SQLException | RuntimeException e) {
            store.close();
            blobs.close();
            throw e;
        }
    }

    private static Content contentOf(TaskDescriptor task, Blobs blobs) {
        if (task.columns().stream().anyMatch(ColumnRole::files)) {
            return new FileContent(blobs);
        }
        return task.columns().stream().anyMatch(ColumnRole::many) ? new TableContent() : new TextContent();
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

    /** Writes the rows of a split as JSON Lines, in the order of their content; those that are files have their names with them. */
    void write(Split split, Path file) throws IOException, SQLException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            store.<IOException>export(split, (input, label) -> write(input, label, out));
        }
    }

    /**
     * Writes a few rows of the training split likewise, of as many labels as there can be: eight, or fewer where they are large.
     * For a dataset that can be trained on.
     */
    void writeSample(Path file) throws IOException, SQLException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            long[] left = {MOST_SAMPLE_BYTES};
            store.<IOException>sample(Split.TRAIN, SAMPLE_ROWS, (input, label) -> {
                long bytes = content.bytes(input);
                if (bytes <= left[0]) {
                    left[0] -= bytes;
                    write(input, label, out);
                }
            });
        }
    }

    private void write(String input, String label, BufferedWriter out) throws IOException {
        out.write("{\"input\":");
        out.write(content.written(input));
        out.write(",\"label\":");
        out.write(JSON.writeValueAsString(label));
        String name = content.fileName(input);
        if (name != null) {
            out.write(",\"file\":");
            out.write(JSON.writeValueAsString(name));
        }
        out.write("}\n");
    }

    private DatasetReport scan(List<LocalPart> uploaded, ColumnMapping given) throws IOException, SQLException {
        if (uploaded.isEmpty()) {
            issues.found(IssueCode.MISSING_FILE, 1, List.of(), "The version has no files.");
        }
        Map<LocalPart, DataFile> files = filesOf(given, uploaded);
        List<LocalPart> parts = List.copyOf(union(uploaded, files.keySet()));
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
        Pass pass = new Pass(columns, mapping, readable ? kit.examples(columns, mapping, blobs) : null);
        for (var entry : files.entrySet()) {
            pass.read(entry.getKey(), entry.getValue(), parts.indexOf(entry.getKey()));
        }
        store.complete();
        if (readable) {
            content.counted(pass.census, features(mapping), issues);
            issues.found(
                    IssueCode.UNUSED_IMAGE,
                    blobs.size() - pass.filesUsed.size(),
                    List.of(parts.getFirst().place(null, null, null)));
        }
        return report(parts, mapping, pass, readable);
    }

    /** Tables as they are, archives unpacked. Where there are tables, they say what the files in archives are. */
    private Map<LocalPart, DataFile> filesOf(ColumnMapping given, List<LocalPart> uploaded) throws IOException {
        FileDetection detection = new FileDetection(headerGuess(given), issues, fileRoles.isEmpty() ? null : blobs);
        if (fileRoles.isEmpty()) {
            return detection.open(uploaded);
        }
        Archives archives = new Archives(blobs, issues, directory, heartbeat);
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
        private final Set<Integer> fileColumns = new LinkedHashSet<>();
        private final Set<String> filesUsed = new HashSet<>();
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
            this.inputColumn = task.columns().stream()
                    .filter(role -> !role.many() && !role.name().equals(ColumnRole.LABEL))
                    .findFirst()
                    .map(role -> columnOf(mapping, role.name()))
                    .orElse(null);
            fileRoles.forEach(role -> mapping.columnsByRole()
                    .getOrDefault(role, List.of())
                    .forEach(name -> fileColumns.add(columns.indexOf(name))));
            fileColumns.remove(-1);
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
                issues.found(IssueCode.NO_ROWS, part.place(null, null, null));
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
            if (examples == null) {
                return;
            }
            List<@Nullable String> resolved = fileColumns.isEmpty() ? row : resolved(part, number, row);
            if (resolved == null) {
                return;
            }
            switch (examples.read(resolved)) {
                case Rejected(String code, String column, String message) -> {
                    int position = columns.indexOf(column);
                    String value = position < 0 ? null : row.get(position);
                    issues.rejected(code, message, part.place(number, column, value));
                }
                case Example example -> {
                    if (example.remark() != null) {
                        issues.rejected(example.remark(), "", part.place(number, inputColumn, shown(row)));
                    }
                    if (split == null && splitColumn >= 0) {
                        issues.found(IssueCode.MISSING_SPLIT, part.place(number, columns.get(splitColumn), null));
                    }
                    store(index, number, split, example);
                }
            }
        }

        private @Nullable String shown(List<@Nullable String> row) {
            int position = inputColumn == null ? -1 : columns.indexOf(inputColumn);
            return position < 0 ? null : row.get(position);
        }

        /** @return the row with names of files replaced by what stands for the files; null where there is no such file */
        private @Nullable List<@Nullable String> resolved(LocalPart part, long number, List<@Nullable String> row) {
            List<@Nullable String> resolved = new ArrayList<>(row);
            for (int column : fileColumns) {
                String name = row.get(column);
                if (name == null) {
                    continue;
                }
                String cell = blobs.inPart(part.name(), name);
                if (cell == null && part.numbered()) {
                    cell = blobs.anywhere(name);
                }
                if (cell == null) {
                    issues.found(IssueCode.IMAGE_NOT_FOUND, part.place(number, columns.get(column), name));
                    return null;
                }
                resolved.set(column, cell);
                filesUsed.add(cell);
            }
            return resolved;
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
            Content.Facts facts = content.factsOf(example);
            try {
                store.add(
                        part,
                        number,
                        split,
                        example.identity(),
                        example.label(),
                        facts.characters(),
                        facts.tokens(),
                        facts.language(),
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
            Places places = new Places(parts, content, pass.inputColumn, pass.labelColumn);
            log(IssueCode.LABEL_SPELLING, store.alignLabels(), places::ofLabel);
            store.judge(content.keepsRepeats());
            duplicates = judged(places);
            if (store.labels() > MOST_CLASSES) {
                issues.found(IssueCode.TOO_MANY_CLASSES, places.ofDataset(pass.labelColumn));
            } else {
                store.split();
                bySplit = store.rowsBySplit();
                classes = sorted(store.rowsByLabel());
                languages = store.rowsByLanguage();
                lengths = content instanceof TextContent ? store.lengths() : null;
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
                new Profile(
                        classes,
                        lengths,
                        languages,
                        pass.census.missing(),
                        duplicates,
                        truncated,
                        pass.examples == null ? null : pass.examples.images()),
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
        if (content.keepsRepeats()) {
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
            Content content,
            @Nullable String inputColumn,
            @Nullable String labelColumn) {
        Place ofInput(RowStore.Found found) {
            return parts.get(found.part()).place(found.row(), inputColumn, content.shown(found.input()));
        }

        Place ofLabel(RowStore.Found found) {
            return parts.get(found.part()).place(found.row(), labelColumn, found.label());
        }

        Place ofDataset(@Nullable String column) {
            return parts.getFirst().place(null, column, null);
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
        try (blobs) {
            store.close();
        } catch (SQLException e) {
            throw new IOException("The database of the scan could not be closed: " + e.getMessage(), e);
        } finally {
            FileTrees.delete(directory);
        }
    }
}
