package io.espalier.modelkit.evaluation;

import io.espalier.modelkit.task.SplitRow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A split of a dataset as the jobs pass it on: JSON Lines, a {@link SplitRow} each, {@code {"input": …, "label": "…"}}. */
public final class SplitFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SplitFile() {}

    /** Reads row by row; the caller closes the stream. */
    public static Stream<SplitRow> rows(Path file) {
        try {
            BufferedReader lines = Files.newBufferedReader(file);
            return lines.lines()
                    .filter(line -> !line.isEmpty())
                    .map(SplitFile::parse)
                    .onClose(() -> close(lines));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SplitRow parse(String line) {
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        JSON.readTree(line).properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        JsonNode input = fields.remove(SplitRow.INPUT);
        if (input == null) {
            throw new NoSuchElementException("A row of the split has no input: " + line);
        }
        return new SplitRow(input, fields);
    }

    private static void close(BufferedReader lines) {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
