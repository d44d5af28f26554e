package io.espalier.modelkit.evaluation;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A split of a dataset as the jobs pass it on: JSON Lines, {@code {"input": …, "label": "…"}}, and {@code "file"}, a name, where the input is one. */
public final class SplitFile {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private SplitFile() {}

    /**
     * @param input in the shape of one element of a request's {@code inputs}
     * @param file the name of the file that the input is; null where it is none
     */
    public record Row(
            JsonNode input, String label, @Nullable String file) {}

    /** Reads row by row; the caller closes the stream. */
    public static Stream<Row> rows(Path file) {
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

    private static Row parse(String line) {
        JsonNode tree = JSON.readTree(line);
        JsonNode input = tree.get("input");
        JsonNode label = tree.get("label");
        if (input == null || label == null || !label.isString()) {
            throw new NoSuchElementException("A row of the split has no input or no label: " + line);
        }
        JsonNode file = tree.get("file");
        return new Row(input, label.stringValue(), file == null ? null : file.stringValue());
    }

    private static void close(BufferedReader lines) {
        try {
            lines.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
