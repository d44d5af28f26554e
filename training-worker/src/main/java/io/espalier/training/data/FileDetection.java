package io.espalier.training.data;

import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.training.data.CsvRecords.Cells;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds out what files are, by their content; the name decides only where the content leaves it open. */
final class FileDetection {
    private static final int HEAD_BYTES = 1 << 18;
    private static final Map<String, String> OTHER_FORMATS = Map.of(
            "PK\u0003\u0004", "This is an Excel workbook or a zip archive; save the table as CSV and upload that.",
            "\u00d0\u00cf\u0011\u00e0", "This is an old Excel workbook; save the table as CSV and upload that.",
            "\u001f\u008b", "This file is compressed with gzip; upload it unpacked.",
            "BZh", "This file is compressed with bzip2; upload it unpacked.",
            "\u0028\u00b5\u002f\u00fd", "This file is compressed with Zstandard; upload it unpacked.",
            "%PDF", "This is a PDF document; upload the table as CSV.",
            "SQLite format 3", "This is an SQLite database; export the table as CSV.",
            "Obj\u0001", "This is an Avro file; convert it to Parquet or CSV.");

    /** JPEG, PNG, GIF, WebP. */
    private static final List<String> IMAGE_SIGNATURES = List.of("\u00ff\u00d8\u00ff", "\u0089PNG", "GIF8", "RIFF");

    private final HeaderGuess headers;
    private final IssueLog issues;
    private final @Nullable Blobs images;

    /** @param images takes those that lie in Parquet files; null where the task knows no images */
    FileDetection(HeaderGuess headers, IssueLog issues, @Nullable Blobs images) {
        this.headers = headers;
        this.issues = issues;
        this.images = images;
    }

    /** Delimited text whose header is still in question, or a file whose form is known. */
    private sealed interface Detected {}

    private record Text(Path path, TextEncoding characters, CsvDialect dialect, List<Cells> records)
            implements Detected {}

    private record Known(DataFile file) implements Detected {}

    /** @return what could be made out, in the order of the parts; for every part that is absent there is an issue */
    Map<LocalPart, DataFile> open(List<LocalPart> parts) throws IOException {
        Map<LocalPart, Detected> detected = new LinkedHashMap<>();
        for (LocalPart part : parts) {
            Detected form = detect(part);
            if (form != null) {
                detected.put(part, form);
            }
        }
        List<String> header = detected.values().stream()
                .map(form -> switch (form) {
                    case Known known -> known.file().columns();
                    case Text text ->
                        headers.find(text.records(), null) < 0
                                ? null
                                : delimited(text, headers.find(text.records(), null), null)
                                        .columns();
                })
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        Map<LocalPart, DataFile> files = new LinkedHashMap<>();
        detected.forEach((part, form) -> files.put(
                part,
                switch (form) {
                    case Known known -> known.file();
                    case Text text -> delimited(text, headers.find(text.records(), header), header);
                }));
        return files;
    }

    private static DelimitedFile delimited(Text text, int header, @Nullable List<String> adoptedColumns) {
        return DelimitedFile.of(text.path(), text.characters(), text.dialect(), text.records(), header, adoptedColumns);
    }

    private @Nullable Detected detect(LocalPart part) throws IOException {
        Path path = part.path();
        if (path == null) {
            return failed(IssueCode.MISSING_FILE, part, "");
        }
        byte[] head = head(path);
        if (head.length == 0) {
            return failed(IssueCode.EMPTY_FILE, part, "");
        }
        String name = part.name().toLowerCase(Locale.ROOT);
        String signature = new String(head, 0, Math.min(head.length, 16), StandardCharsets.ISO_8859_1);
        if (signature.startsWith("PAR1") || name.endsWith(".parquet")) {
            return parquet(part, path);
        }
        if (images != null && IMAGE_SIGNATURES.stream().anyMatch(signature::startsWith)) {
            return failed(
                    IssueCode.UNSUPPORTED_FORMAT,
                    part,
                    "This is a single image; put the images of each label into a folder, and the folders into a zip archive.");
        }
        for (var other : OTHER_FORMATS.entrySet()) {
            if (signature.startsWith(other.getKey())) {
                return failed(IssueCode.UNSUPPORTED_FORMAT, part, other.getValue());
            }
        }
        TextEncoding characters = TextEncoding.detect(head, part.census());
        boolean complete = Files.size(path) <= head.length;
        return text(part, path, characters, name, complete);
    }

    private @Nullable Detected text(LocalPart part, Path path, TextEncoding characters, String name, boolean complete)
            throws IOException {
        String sample = sample(path, characters, complete);
        long strange = sample.chars().filter(FileDetection::isControl).count();
        if (strange > 2 && strange * 20 > sample.length()) {
            return failed(
                    IssueCode.UNSUPPORTED_FORMAT,
                    part,
                    "This file is not text; save the table as CSV and upload that.");
        }
        String start = sample.stripLeading();
        if (start.isEmpty()) {
            return failed(complete ? IssueCode.EMPTY_FILE : IssueCode.UNSUPPORTED_FORMAT, part, "");
        }
        String opening = start.substring(0, Math.min(start.length(), 64)).toLowerCase(Locale.ROOT);
        if (opening.startsWith("<!doctype") || opening.startsWith("<html") || opening.startsWith("<?xml")) {
            return failed(IssueCode.UNSUPPORTED_FORMAT, part, "This is a web page or XML; upload the table as CSV.");
        }
        boolean namedLines = name.endsWith(".jsonl") || name.endsWith(".ndjson");
        boolean namedJson = name.endsWith(".json");
        if (start.startsWith("[")
                && (namedJson || start.substring(1).stripLeading().startsWith("{"))) {
            return failed(
                    IssueCode.UNSUPPORTED_FORMAT,
                    part,
                    "This is one JSON list; write JSON Lines instead, one object a line without commas between.");
        }
        if (namedLines || start.startsWith("{") && (namedJson || beginsWithObjects(start))) {
            JsonLinesFile file = JsonLinesFile.open(path, characters);
            if (file.columns().isEmpty() && !namedLines) {
                return failed(
                        IssueCode.UNSUPPORTED_FORMAT,
                        part,
                        "No line is a JSON object; write JSON Lines, one object a line.");
            }
            return new Known(file);
        }
        CsvDialect dialect = CsvDialect.detect(sample, complete);
        List<Cells> records = dialect.records(sample, complete);
        if (records.isEmpty()) {
            // The very first record holds an open quotation mark: without quoting the columns can still be named.
            CsvDialect plain = new CsvDialect(dialect.delimiter(), null);
            records = plain.records(sample, complete);
            if (records.isEmpty()) {
                return failed(IssueCode.EMPTY_FILE, part, "");
            }
            records = records.subList(0, 1);
        }
        return new Text(path, characters, dialect, records);
    }

    private @Nullable Detected parquet(LocalPart part, Path path) throws IOException {
        try {
            ParquetFile file = ParquetFile.open(path, images != null);
            if (images != null) {
                file.unpack(part, images, issues);
            }
            return new Known(file);
        } catch (SQLException e) {
            return failed(
                    IssueCode.DAMAGED_PARQUET, part, "This is not a readable Parquet file; it is damaged or cut off.");
        }
    }

    /** Most of the first lines begin as objects do, so that a broken first line does not make the file CSV. */
    private static boolean beginsWithObjects(String text) {
        List<String> lines =
                text.lines().filter(line -> !line.isBlank()).limit(20).toList();
        long objects = lines.stream()
                .filter(line -> line.stripLeading().startsWith("{"))
                .count();
        return JsonLinesFile.isObject(lines.getFirst())
                || objects * 2 > lines.size()
                || lines.getFirst().strip().equals("{");
    }

    private @Nullable Detected failed(IssueCode code, LocalPart part, String message) {
        issues.found(code, new Place(part.name(), null, null, null), message);
        return null;
    }

    private static boolean isControl(int c) {
        return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && c != 0x1a && c != 0x1b;
    }

    private static byte[] head(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(HEAD_BYTES);
        }
    }

    private static String sample(Path path, TextEncoding characters, boolean complete) throws IOException {
        try (Reader text = characters.open(path)) {
            char[] buffer = new char[HEAD_BYTES];
            int filled = 0;
            for (int read = 0; read >= 0 && filled < buffer.length; filled += Math.max(0, read)) {
                read = text.read(
                        buffer, filled, complete ? buffer.length - filled : Math.min(4096, buffer.length - filled));
            }
            return new String(buffer, 0, filled);
        }
    }
}
