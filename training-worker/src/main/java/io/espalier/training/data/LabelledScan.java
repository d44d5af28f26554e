package io.espalier.training.data;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Lengths;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.DatasetReport.Profile;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.modelkit.image.Images;
import io.espalier.modelkit.task.ExampleReader;
import io.espalier.modelkit.task.ExampleReader.RowResult.Example;
import io.espalier.modelkit.task.ExampleReader.RowResult.Rejected;
import io.espalier.modelkit.task.LabelledTaskKit;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A scan of examples with labels: rows that repeat or contradict each other, rare labels, and splits in which every label has its
 * share.
 */
public final class LabelledScan implements DatasetScan {
    static final int FEWEST_ROWS_OF_A_CLASS = 3;
    private static final int FEWEST_ROWS = 10;
    private static final int FEW_ROWS = 50;
    private static final int MOST_CLASSES = 1000;
    private static final int SAMPLE_ROWS = 8;
    /** Of their inputs together; the largest image fits. */
    private static final long MOST_SAMPLE_BYTES = 2L * Images.MOST_BYTES;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final TaskDescriptor task;
    private final Content content;
    private final Set<String> fileRoles;
    private final Blobs blobs;
    private final Path directory;
    private final RowStore store;
    private final String contentHash;
    private final IssueLog issues = new IssueLog();
    private final DatasetReport report;

    /** @throws IOException if a file cannot be fetched, or the disk is full */
    public static DatasetScan run(LabelledTaskKit kit, ScanRequest request) throws IOException {
        try {
            return new LabelledScan(kit, request);
        } catch (SQLException e) {
            throw ScratchDatabase.failed(e);
        }
    }

    private LabelledScan(LabelledTaskKit kit, ScanRequest request) throws IOException, SQLException {
        this.task = kit.descriptor();
        this.fileRoles = task.columns().stream()
                .filter(ColumnRole::files)
                .map(ColumnRole::name)
                .collect(Collectors.toSet());
        this.directory = request.directory();
        this.blobs = new Blobs(directory.resolve("blobs"));
        this.content = contentOf(task, blobs);
        this.contentHash = request.downloads().contentHash();
        this.store = new RowStore(directory, request.watch()::beat);
        try {
            DatasetFiles files = new DatasetFiles(
                    task.columns(),
                    request.downloads().parts(),
                    request.mapping(),
                    fileRoles.isEmpty() ? null : blobs,
                    directory,
                    issues,
                    request.watch());
            this.report = scan(kit, files);
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

    @Override
    public DatasetReport report() {
        return report;
    }

    @Override
    public String contentHash() {
        return contentHash;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public List<String> labels() {
        return List.copyOf(report.profile().classes().keySet());
    }

    /** Rows in the order of their content; those that are files have their names with them. */
    @Override
    public void write(Split split, Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            store.<IOException>export(split, (input, label) -> write(input, label, out));
        } catch (SQLException e) {
            throw ScratchDatabase.failed(e);
        }
    }

    /**
     * Writes a few rows of the training split likewise, of a dataset that can be trained on: of as many labels as there can be, eight, or
     * fewer where they are large.
     */
    public void writeSample(Path file) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(file)) {
            long[] left = {MOST_SAMPLE_BYTES};
            store.<IOException>sample(Split.TRAIN, SAMPLE_ROWS, (input, label) -> {
                long bytes = content.bytes(input);
                if (bytes <= left[0]) {
                    left[0] -= bytes;
                    write(input, label, out);
                }
            });
        } catch (SQLException e) {
            throw ScratchDatabase.failed(e);
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

    private DatasetReport scan(LabelledTaskKit kit, DatasetFiles files) throws IOException, SQLException {
        ExampleReader examples = files.isReadable() ? kit.examples(files.columns(), files.mapping(), blobs) : null;
        Pass pass = new Pass(files, examples);
        files.read(pass);
        store.complete();
        if (files.isReadable()) {
            content.counted(files.census(), features(files.mapping()), issues);
            issues.found(
                    IssueCode.UNUSED_IMAGE,
                    blobs.size() - pass.filesUsed.size(),
                    List.of(files.parts().getFirst().place(null, null, null)));
        }
        return report(files, pass);
    }

    private List<String> features(ColumnMapping mapping) {
        return task.columns().stream()
                .filter(ColumnRole::many)
                .flatMap(role -> mapping.columnsByRole().getOrDefault(role.name(), List.of()).stream())
                .toList();
    }

    /** Puts all rows into the store, one by one. */
    private final class Pass implements DatasetFiles.Rows {
        private final List<String> columns;
        private final @Nullable ExampleReader examples;
        private final Set<Integer> fileColumns = new LinkedHashSet<>();
        private final Set<String> filesUsed = new HashSet<>();
        private final @Nullable String splitColumn;
        private final @Nullable String labelColumn;
        private final @Nullable String inputColumn;

        /** @param examples null where no rows will come */
        Pass(DatasetFiles files, @Nullable ExampleReader examples) {
            this.columns = files.columns();
            this.examples = examples;
            ColumnMapping mapping = files.mapping();
            this.splitColumn = files.splitColumn();
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

        @Override
        public void row(LocalPart part, int index, long number, @Nullable Split split, List<@Nullable String> row)
                throws SQLException {
            List<@Nullable String> resolved = fileColumns.isEmpty() ? row : resolved(part, number, row);
            if (resolved == null) {
                return;
            }
            switch (Objects.requireNonNull(examples).read(resolved)) {
                case Rejected(String code, String column, String message) -> {
                    int position = columns.indexOf(column);
                    String value = position < 0 ? null : row.get(position);
                    issues.rejected(code, message, part.place(number, column, value));
                }
                case Example example -> {
                    if (example.remark() != null) {
                        issues.rejected(example.remark(), "", part.place(number, inputColumn, shown(row)));
                    }
                    if (split == null && splitColumn != null) {
                        issues.found(IssueCode.MISSING_SPLIT, part.place(number, splitColumn, null));
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

        private void store(int part, long number, @Nullable Split split, Example example) throws SQLException {
            Content.Facts facts = content.factsOf(example);
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
        }
    }

    private DatasetReport report(DatasetFiles files, Pass pass) throws SQLException {
        Map<Split, Long> bySplit = new EnumMap<>(Split.class);
        Map<String, Long> classes = new LinkedHashMap<>();
        Map<String, Long> languages = Map.of();
        Lengths lengths = null;
        long duplicates = 0;
        long truncated = 0;
        if (files.isReadable()) {
            Places places = new Places(files.parts(), content, pass.inputColumn, pass.labelColumn);
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
                checkSplits(files.rows(), bySplit, places);
            }
        }
        for (Split split : Split.values()) {
            bySplit.putIfAbsent(split, 0L);
        }
        long used = bySplit.values().stream().mapToLong(Long::longValue).sum();
        return new DatasetReport(
                !issues.hasErrors(),
                files.mapping(),
                files.formats(),
                files.rows(),
                used,
                bySplit,
                issues.issues(),
                new Profile(
                        classes,
                        lengths,
                        languages,
                        files.missing(),
                        duplicates,
                        truncated,
                        pass.examples == null ? null : pass.examples.images(),
                        null),
                files.preview());
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

    private void checkSplits(long rows, Map<Split, Long> bySplit, Places places) throws SQLException {
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
        }
    }
}
