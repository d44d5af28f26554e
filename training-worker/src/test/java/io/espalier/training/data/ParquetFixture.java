package io.espalier.training.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.IntUnaryOperator;

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

    /**
     * Images as the Hugging Face datasets library writes them: bytes and path, labels as numbers, and what these mean in the
     * metadata.
     */
    static byte[] images(int count, IntFunction<byte[]> image, List<String> names, IntUnaryOperator label) {
        try {
            Path file = Files.createTempFile("fixture", ".parquet");
            try (var connection = DriverManager.getConnection("jdbc:duckdb:");
                    var statement = connection.createStatement()) {
                statement.execute("CREATE TABLE rows(image STRUCT(bytes BLOB, path VARCHAR), label BIGINT)");
                try (var insert =
                        connection.prepareStatement("INSERT INTO rows SELECT {bytes: from_base64(?), path: ?}, ?")) {
                    for (int i = 0; i < count; i++) {
                        insert.setString(1, Base64.getEncoder().encodeToString(image.apply(i)));
                        insert.setString(2, i + ".png");
                        insert.setLong(3, label.applyAsInt(i));
                        insert.execute();
                    }
                }
                String features =
                        "{\"info\":{\"features\":{\"image\":{\"_type\":\"Image\"},\"label\":{\"names\":[\"%s\"],\"_type\":\"ClassLabel\"}}}}"
                                .formatted(String.join("\",\"", names));
                statement.execute("COPY rows TO '%s' (FORMAT parquet, KV_METADATA {huggingface: '%s'})"
                        .formatted(file, features));
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
