package io.espalier.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonReadFeature;

/** One JSON object a line. Its columns are the fields of the first 10,000 rows; one that a row lacks is empty there. */
record JsonLinesFile(Path path, TextEncoding characters, List<String> columns, List<List<@Nullable String>> sample)
        implements DataFile {
    private static final int SAMPLE_ROWS = 1000;
    private static final int FIELD_ROWS = 10_000;
    private static final int MOST_FIELDS = 4096;
    /** Python's json writes NaN for what is missing. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build();

    static JsonLinesFile open(Path path, TextEncoding characters) throws IOException {
        Set<String> fields = new LinkedHashSet<>();
        List<Map<String, @Nullable String>> rows = new ArrayList<>();
        try (var lines = new Lines(characters.open(path))) {
            String line = lines.next();
            for (int read = 0; line != null && read < FIELD_ROWS; line = lines.next(), read++) {
                if (parse(line) instanceof Fields(Map<String, @Nullable String> values, Map<String, String> _)) {
                    values.keySet().stream().limit(MOST_FIELDS - fields.size()).forEach(fields::add);
                    if (rows.size() < SAMPLE_ROWS) {
                        rows.add(values);
                    }
                }
            }
        }
        List<String> columns = List.copyOf(fields);
        List<List<@Nullable String>> sample = new ArrayList<>();
        for (Map<String, @Nullable String> row : rows) {
            sample.add(new ArrayList<>(columns.stream().map(row::get).toList()));
        }
        return new JsonLinesFile(path, characters, columns, sample);
    }

    @Override
    public String format() {
        return "jsonl";
    }

    @Override
    public String encoding() {
        return characters.name();
    }

    @Override
    public boolean header() {
        return false;
    }

    @Override
    public void read(Reader reader) throws IOException {
        Map<String, Integer> index = new HashMap<>();
        columns.forEach(column -> index.put(column, index.size()));
        try (var lines = new Lines(characters.open(path))) {
            for (String line = lines.next(); line != null; line = lines.next()) {
                long number = lines.number();
                if (lines.oversized()) {
                    reader.broken(number, IssueCode.OVERSIZED_ROW, line);
                    continue;
                }
                switch (parse(line)) {
                    case Fields(Map<String, @Nullable String> values, Map<String, String> nestedFields) -> {
                        @Nullable String[] cells = new @Nullable String[columns.size()];
                        Map<Integer, String> nested = new HashMap<>();
                        values.forEach((name, value) -> {
                            Integer column = index.get(name);
                            if (column == null) {
                                reader.unexpectedField(number, name);
                            } else {
                                cells[column] = value == null || value.isBlank() ? null : value;
                                String words = nestedFields.get(name);
                                if (words != null) {
                                    nested.put(column, words);
                                }
                            }
                        });
                        reader.row(number, Arrays.asList(cells), nested);
                    }
                    case Broken(IssueCode code) -> reader.broken(number, code, line);
                }
            }
        }
    }

    private sealed interface Parsed {}

    private record Fields(Map<String, @Nullable String> values, Map<String, String> nested) implements Parsed {}

    private record Broken(IssueCode code) implements Parsed {}

    /** Whether a text is one JSON object. */
    static boolean isObject(String line) {
        return parse(line) instanceof Fields;
    }

    private static Parsed parse(String line) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), line)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                json.skipChildren();
                while (json.nextToken() != null) {
                    json.skipChildren();
                }
                return new Broken(IssueCode.NOT_AN_OBJECT);
            }
            Map<String, @Nullable String> values = new LinkedHashMap<>();
            Map<String, String> nested = new HashMap<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = json.currentName();
                JsonToken token = json.nextToken();
                values.put(name, value(json, token));
                if (token == JsonToken.START_ARRAY) {
                    nested.put(name, Objects.requireNonNullElse(words(json), ""));
                } else if (token == JsonToken.START_OBJECT) {
                    json.skipChildren();
                    nested.put(name, "");
                }
            }
            return json.nextToken() == null ? new Fields(values, nested) : new Broken(IssueCode.MALFORMED_JSON);
        } catch (JacksonException e) {
            return new Broken(IssueCode.MALFORMED_JSON);
        }
    }

    /**
     * The words of a JSON list in one cell, which is {@link DataFile#NO_WORDS} where it has none; null where it is no list of words, or
     * one of them has a separator in it.
     */
    static @Nullable String words(String list) {
        try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), list)) {
            return json.nextToken() == JsonToken.START_ARRAY ? words(json) : null;
        } catch (JacksonException _) {
            return null;
        }
    }

    /** Reads to the end of the list. */
    private static @Nullable String words(JsonParser json) {
        List<String> words = new ArrayList<>();
        boolean separable = true;
        for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
            if (token.isStructStart()) {
                json.skipChildren();
                separable = false;
            } else if (token != JsonToken.VALUE_NULL) {
                String word = json.getString();
                separable &= word.indexOf('|') < 0 && word.indexOf(';') < 0;
                words.add(word);
            }
        }
        return !separable ? null : words.isEmpty() ? NO_WORDS : String.join("|", words);
    }

    private static @Nullable String value(JsonParser json, JsonToken token) {
        return switch (token) {
            case VALUE_NULL -> null;
            case VALUE_NUMBER_FLOAT -> json.isNaN() ? null : json.getString();
            case START_OBJECT -> "{…}";
            case START_ARRAY -> "[…]";
            default -> json.getString();
        };
    }

    /** Lines in bounded memory; blank ones are passed over and counted. */
    private static final class Lines implements AutoCloseable {
        private final java.io.Reader in;
        private final char[] buffer = new char[1 << 15];
        private int position;
        private int filled;
        private long number;
        private boolean oversized;

        Lines(java.io.Reader in) {
            this.in = in;
        }

        long number() {
            return number;
        }

        boolean oversized() {
            return oversized;
        }

        @Nullable
        String next() throws IOException {
            while (true) {
                StringBuilder line = new StringBuilder();
                oversized = false;
                if (position == filled && !fill()) {
                    return null;
                }
                number++;
                boolean ended = false;
                while (!ended && (position < filled || fill())) {
                    int end = position;
                    while (end < filled && buffer[end] != '\n') {
                        end++;
                    }
                    ended = end < filled;
                    int room = Math.min(end - position, CsvRecords.LONGEST_CELL_CHARACTERS - line.length());
                    oversized |= room < end - position;
                    line.append(buffer, position, room);
                    position = ended ? end + 1 : end;
                }
                String text = line.toString();
                if (!text.isBlank()) {
                    return text;
                }
            }
        }

        private boolean fill() throws IOException {
            position = 0;
            filled = Math.max(0, in.read(buffer));
            return filled > 0;
        }

        @Override
        public void close() throws IOException {
            in.close();
        }
    }
}
