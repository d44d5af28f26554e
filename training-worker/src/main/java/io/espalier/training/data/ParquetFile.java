package io.espalier.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/** A Parquet file, read by DuckDB a vector at a time. Rows count from 1: there is no header row. */
record ParquetFile(Path path, List<String> columns, List<Kind> kinds, List<List<@Nullable String>> sample)
        implements DataFile {
    /** What a column's type means for a reader of texts and numbers. */
    enum Kind {
        PLAIN,
        FLOAT,
        NESTED;

        static Kind of(String type) {
            if (type.equals("FLOAT") || type.equals("DOUBLE")) {
                return FLOAT;
            }
            boolean composite = type.contains("(") && !type.startsWith("DECIMAL") && !type.startsWith("ENUM");
            return composite || type.endsWith("]") || type.equals("BLOB") ? NESTED : PLAIN;
        }
    }

    private static final int SAMPLE_ROWS = 1000;

    /** @throws SQLException if the file is no readable Parquet */
    static ParquetFile open(Path path) throws SQLException {
        List<String> columns = new ArrayList<>();
        List<Kind> kinds = new ArrayList<>();
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet description = statement.executeQuery("DESCRIBE SELECT * FROM " + source(path))) {
            while (description.next()) {
                columns.add(description.getString("column_name"));
                kinds.add(Kind.of(description.getString("column_type")));
            }
        }
        ParquetFile file = new ParquetFile(path, List.copyOf(columns), List.copyOf(kinds), new ArrayList<>());
        file.query(" LIMIT " + SAMPLE_ROWS, (_, cells, _) -> file.sample.add(cells));
        return file;
    }

    @Override
    public String format() {
        return "parquet";
    }

    @Override
    public @Nullable String encoding() {
        return null;
    }

    @Override
    public @Nullable CsvDialect dialect() {
        return null;
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
        void row(long number, List<@Nullable String> cells, List<Integer> nested);
    }

    private void query(String limit, Rows rows) throws SQLException {
        String selected =
                IntStream.range(0, columns.size()).mapToObj(this::asText).collect(Collectors.joining(", "));
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT " + selected + " FROM " + source(path) + limit)) {
            long number = 0;
            while (result.next()) {
                @Nullable String[] cells = new @Nullable String[columns.size()];
                List<Integer> nested = List.of();
                for (int column = 0; column < cells.length; column++) {
                    String cell = result.getString(column + 1);
                    boolean empty = cell == null || cell.isBlank();
                    cells[column] = empty ? null : cell;
                    if (!empty && kinds.get(column) == Kind.NESTED) {
                        nested = nested.isEmpty() ? new ArrayList<>() : nested;
                        nested.add(column);
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

    private static String source(Path path) {
        return "read_parquet('" + path.toString().replace("'", "''") + "', binary_as_string = true)";
    }

    /** A float that is not a number is how many writers say that there is none. */
    private String asText(int column) {
        String name = "\"" + columns.get(column).replace("\"", "\"\"") + "\"";
        String text = "CAST(" + name + " AS VARCHAR)";
        return kinds.get(column) == Kind.FLOAT ? "CASE WHEN isfinite(" + name + ") THEN " + text + " END" : text;
    }
}
