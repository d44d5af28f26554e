package io.espalier.training.data;

import io.espalier.training.data.CsvRecords.Cells;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Comma-, semicolon-, tab- or pipe-separated text. */
record DelimitedFile(
        Path path,
        TextEncoding characters,
        CsvDialect dialect,
        long headerRow,
        List<String> columns,
        List<List<@Nullable String>> sample)
        implements DataFile {

    /** @param adoptedColumns names from another file, for one without a header */
    static DelimitedFile of(
            Path path,
            TextEncoding characters,
            CsvDialect dialect,
            List<Cells> records,
            int header,
            @Nullable List<String> adoptedColumns) {
        List<String> columns;
        if (header >= 0) {
            columns = names(records.get(header).cells());
        } else {
            int width = CsvDialect.usualWidth(records);
            columns = adoptedColumns != null && adoptedColumns.size() == width ? adoptedColumns : positional(width);
        }
        List<List<@Nullable String>> sample = records.stream()
                .skip(header + 1L)
                .filter(cells -> cells.cells().size() == columns.size())
                .<List<@Nullable String>>map(Cells::cells)
                .toList();
        long headerRow = header < 0 ? 0 : records.get(header).number();
        return new DelimitedFile(path, characters, dialect, headerRow, columns, sample);
    }

    @Override
    public String format() {
        return dialect.delimiter() == '\t' ? "tsv" : "csv";
    }

    @Override
    public String encoding() {
        return characters.name();
    }

    @Override
    public boolean header() {
        return headerRow > 0;
    }

    @Override
    public void read(Reader reader) throws IOException {
        try (var records = new CsvRecords(characters.open(path), dialect)) {
            for (Cells cells = records.next(); cells != null; cells = records.next()) {
                if (cells.number() == headerRow) {
                    continue;
                }
                List<@Nullable String> fitted = fit(cells);
                if (fitted == null) {
                    reader.broken(cells.number(), IssueCode.WRONG_COLUMN_COUNT, asLine(cells));
                } else {
                    reader.row(cells.number(), fitted, Map.of());
                }
            }
            Long unterminated = records.unterminated();
            if (unterminated != null) {
                reader.stopped(
                        unterminated,
                        IssueCode.UNTERMINATED_QUOTE,
                        dialect.quote() != null
                                ? null
                                : "This row is longer than 4 million characters, so that the rest of the file cannot be read.");
            }
        }
    }

    /** Empty cells beyond the last column are a habit of spreadsheets and harmless. */
    private @Nullable List<@Nullable String> fit(Cells cells) {
        int width = columns.size();
        if (cells.width() == width && cells.cells().size() == width) {
            return cells.cells();
        }
        if (cells.width() > width
                && cells.width() == cells.cells().size()
                && cells.cells().subList(width, cells.width()).stream().allMatch(cell -> cell == null)) {
            return cells.cells().subList(0, width);
        }
        return null;
    }

    private String asLine(Cells cells) {
        return String.join(
                String.valueOf(dialect.delimiter()),
                cells.cells().stream()
                        .limit(20)
                        .map(cell -> cell == null ? "" : cell)
                        .toList());
    }

    private static List<String> names(List<@Nullable String> cells) {
        List<String> names = new ArrayList<>();
        for (String cell : cells) {
            names.add(cell == null || cell.isBlank() ? HeaderGuess.COLUMN + (names.size() + 1) : cell.strip());
        }
        return Collections.unmodifiableList(names);
    }

    private static List<String> positional(int width) {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= width; i++) {
            names.add(HeaderGuess.COLUMN + i);
        }
        return Collections.unmodifiableList(names);
    }
}
