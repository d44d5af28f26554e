package io.espalier.training.data;

import io.espalier.modelkit.image.Images;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A Parquet file, read by DuckDB a vector at a time. Rows count from 1: there is no header row. An image in a row is a file of the
 * row's name once it is unpacked.
 *
 * @param files whether binary columns are files, and not texts
 * @param classNames what the numbers of a column mean, by the column, as the Hugging Face datasets library writes it down
 */
record ParquetFile(
        Path path,
        boolean files,
        List<String> columns,
        List<Kind> kinds,
        Map<Integer, List<String>> classNames,
        List<List<@Nullable String>> sample)
        implements DataFile {
    /** What a column's type means for a reader of texts and numbers. */
    enum Kind {
        PLAIN,
        FLOAT,
        /** The bytes of a file. */
        FILE,
        /** The bytes of a file and its name, as the Hugging Face datasets library writes images. */
        NAMED_FILE,
        /** Of texts, numbers or booleans. */
        LIST,
        NESTED;

        static Kind of(String type, boolean files) {
            if (files && type.equals("BLOB")) {
                return FILE;
            }
            if (files && type.startsWith("STRUCT(") && type.contains("bytes BLOB") && type.contains("path VARCHAR")) {
                return NAMED_FILE;
            }
            if (type.equals("FLOAT") || type.equals("DOUBLE")) {
                return FLOAT;
            }
            if (type.matches(LIST_TYPE)) {
                return LIST;
            }
            boolean composite = type.contains("(") && !type.startsWith("DECIMAL") && !type.startsWith("ENUM");
            return composite || type.endsWith("]") || type.equals("BLOB") ? NESTED : PLAIN;
        }
    }

    private static final String LIST_TYPE = "[A-Z]+\\[]";
    private static final int SAMPLE_ROWS = 1000;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /**
     * @param files whether binary columns are files
     * @throws SQLException if the file is no readable Parquet
     */
    static ParquetFile open(Path path, boolean files) throws SQLException {
        List<String> columns = new ArrayList<>();
        List<Kind> kinds = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet description = statement.executeQuery("DESCRIBE SELECT * FROM " + source(path, files))) {
            while (description.next()) {
                columns.add(description.getString("column_name"));
                kinds.add(Kind.of(description.getString("column_type"), files));
            }
        }
        ParquetFile file = new ParquetFile(
                path,
                files,
                List.copyOf(columns),
                List.copyOf(kinds),
                files ? classNames(path, columns) : Map.of(),
                new ArrayList<>());
        file.query(" LIMIT " + SAMPLE_ROWS, (_, cells, _) -> file.sample.add(cells));
        return file;
    }

    /** The features that the Hugging Face datasets library keeps in a file's metadata: names of classes, by column. */
    private static Map<Integer, List<String>> classNames(Path path, List<String> columns) throws SQLException {
        Map<Integer, List<String>> names = new HashMap<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet metadata = statement.executeQuery(
                        "SELECT decode(value) FROM parquet_kv_metadata('%s') WHERE decode(key) = 'huggingface'"
                                .formatted(path.toString().replace("'", "''")))) {
            while (metadata.next()) {
                JsonNode features =
                        JSON.readTree(metadata.getString(1)).path("info").path("features");
                for (int column = 0; column < columns.size(); column++) {
                    JsonNode words = features.path(columns.get(column)).path("names");
                    if (words.isArray() && !words.isEmpty()) {
                        names.put(
                                column,
                                words.valueStream().map(JsonNode::asString).toList());
                    }
                }
            }
        } catch (JacksonException e) {
            // Somebody else's metadata: numbers stay numbers.
            return Map.of();
        }
        return names;
    }

    /** Copies the files that lie in the rows, under the names that the rows' cells have. */
    void unpack(LocalPart part, Blobs blobs, IssueLog issues) throws SQLException, IOException {
        for (int column = 0; column < kinds.size(); column++) {
            if (kinds.get(column) == Kind.FILE || kinds.get(column) == Kind.NAMED_FILE) {
                unpack(part, column, blobs, issues);
            }
        }
    }

    private void unpack(LocalPart part, int column, Blobs blobs, IssueLog issues) throws SQLException, IOException {
        String bytes = kinds.get(column) == Kind.FILE ? quoted(column) : quoted(column) + ".bytes";
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(
                        "SELECT %s, %s FROM %s".formatted(asText(column), bytes, source(path, files)))) {
            for (long number = 1; result.next(); number++) {
                String said = result.getString(1);
                if (said == null) {
                    continue;
                }
                if (blobs.size() >= Archives.MOST_FILES) {
                    issues.found(IssueCode.TOO_MANY_FILES, part.place(number, null, null));
                    return;
                }
                try (InputStream in = result.getBlob(2).getBinaryStream()) {
                    String name = fileName(number, said);
                    if (blobs.add(part.name(), name, in, Images.MOST_BYTES) > Images.MOST_BYTES) {
                        issues.found(IssueCode.IMAGE_TOO_LARGE, part.place(number, columns.get(column), name));
                    }
                }
            }
        }
    }

    /** @param said the path that stands beside the bytes, perhaps empty */
    private static String fileName(long row, String said) {
        String base = said.substring(said.lastIndexOf('/') + 1);
        return base.isEmpty() ? "row " + row : "row " + row + ", " + base;
    }

    @Override
    public String format() {
        return "parquet";
    }

    @Override
    public boolean header() {
        return true;
    }

    @Override
    public void read(Reader reader) throws IOException {
        try {
            query("", reader::row);
        } catch (SQLException e) {
            reader.stopped(null, IssueCode.DAMAGED_PARQUET, null);
        }
    }

    private interface Rows {
        void row(long number, List<@Nullable String> cells, Map<Integer, String> nested);
    }

    private void query(String limit, Rows rows) throws SQLException {
        String selected =
                IntStream.range(0, columns.size()).mapToObj(this::asText).collect(Collectors.joining(", "));
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result =
                        statement.executeQuery("SELECT " + selected + " FROM " + source(path, files) + limit)) {
            long number = 0;
            while (result.next()) {
                @Nullable String[] cells = new @Nullable String[columns.size()];
                Map<Integer, String> nested = Map.of();
                for (int column = 0; column < cells.length; column++) {
                    String cell = result.getString(column + 1);
                    if (cell != null && isFile(column)) {
                        cells[column] = fileName(number + 1, cell);
                        continue;
                    }
                    boolean empty = cell == null || cell.isBlank();
                    cells[column] = empty ? null : named(column, cell);
                    if (cell != null && (kinds.get(column) == Kind.LIST || kinds.get(column) == Kind.NESTED)) {
                        String words = kinds.get(column) == Kind.LIST ? JsonLinesFile.words(cell) : null;
                        nested = nested.isEmpty() ? new HashMap<>() : nested;
                        nested.put(column, Objects.requireNonNullElse(words, ""));
                    }
                }
                rows.row(++number, Arrays.asList(cells), nested);
            }
        }
    }

    private static Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        properties.setProperty("memory_limit", "256MB");
        properties.setProperty("threads", "2");
        properties.setProperty("autoinstall_known_extensions", "false");
        return DriverManager.getConnection("jdbc:duckdb:", properties);
    }

    private static String source(Path path, boolean files) {
        return "read_parquet('" + path.toString().replace("'", "''") + "', binary_as_string = " + !files + ")";
    }

    private boolean isFile(int column) {
        return kinds.get(column) == Kind.FILE || kinds.get(column) == Kind.NAMED_FILE;
    }

    private String named(int column, String cell) {
        List<String> names = classNames.get(column);
        if (names == null || !cell.matches("\\d{1,6}")) {
            return cell;
        }
        int index = Integer.parseInt(cell);
        return index < names.size() ? names.get(index) : cell;
    }

    private String quoted(int column) {
        return "\"" + columns.get(column).replace("\"", "\"\"") + "\"";
    }

    /** A float that is not a number is how many writers say that there is none. Of a file only the name, perhaps empty. */
    private String asText(int column) {
        String name = quoted(column);
        String text = "CAST(" + name + " AS VARCHAR)";
        return switch (kinds.get(column)) {
            case FLOAT -> "CASE WHEN isfinite(" + name + ") THEN " + text + " END";
            case FILE -> "CASE WHEN octet_length(" + name + ") > 0 THEN '' END";
            case NAMED_FILE ->
                "CASE WHEN octet_length(" + name + ".bytes) > 0 THEN coalesce(" + name + ".path, '') END";
            case LIST -> "CAST(to_json(" + name + ") AS VARCHAR)";
            case PLAIN, NESTED -> text;
        };
    }
}
