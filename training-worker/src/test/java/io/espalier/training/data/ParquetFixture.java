package io.espalier.training.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;

/** Writes Parquet files with DuckDB. */
final class ParquetFixture {
    private ParquetFixture() {}

    /** @param query what the file holds, as SQL */
    static byte[] parquet(String query) {
        try {
            Path file = Files.createTempFile("fixture", ".parquet");
            try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                    var statement = connection.createStatement()) {
                statement.execute("COPY (" + query + ") TO '" + file + "' (FORMAT parquet)");
                return Files.readAllBytes(file);
            } finally {
                Files.delete(file);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] goodParquet() {
        return parquet("""
                SELECT 'Sentence number ' || i || ' about ' || CASE i % 3 WHEN 0 THEN 'parcels' WHEN 1 THEN 'refunds'
                    ELSE 'prices' END AS text,
                    CASE i % 2 WHEN 0 THEN 'even' ELSE 'odd' END AS label
                FROM range(60) t(i)""");
    }
}
