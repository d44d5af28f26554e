package io.espalier.training.data;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import org.duckdb.DuckDBAppender;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.jspecify.annotations.Nullable;

/**
 * A DuckDB database for the time of a scan. What exceeds its 512 MB goes to the directory, so that memory stays flat whatever the
 * data's size. (A database file needs half the disk, but costs a small dataset twice the time.) One thread.
 */
public final class ScratchDatabase implements AutoCloseable {
    private static final Duration HEARTBEAT = Duration.ofSeconds(5);
    private static final int ROWS_BETWEEN_HEARTBEATS = 10_000;

    private final Connection connection;
    private final Runnable heartbeat;

    public ScratchDatabase(Path directory, Runnable heartbeat) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
        properties.setProperty("memory_limit", "512MB");
        properties.setProperty("threads", "2");
        properties.setProperty("autoinstall_known_extensions", "false");
        properties.setProperty("temp_directory", directory.resolve("spill").toString());
        this.connection = DriverManager.getConnection("jdbc:duckdb:", properties);
        this.heartbeat = heartbeat;
    }

    /** What a scan says of a failure of its database. */
    public static IOException failed(Exception e) {
        return new IOException("The database of the scan failed: " + e.getMessage(), e);
    }

    /** Hears of a row of a result. */
    public interface Row<E extends Exception> {
        void row(ResultSet row) throws SQLException, E;
    }

    /** Begins to add rows to a table, until {@link #complete}. */
    public DuckDBAppender append(String table) throws SQLException {
        // The appender flushes every 2,048 rows; a transaction for each would cost more than all the rest of the scan.
        connection.setAutoCommit(false);
        return connection.unwrap(DuckDBConnection.class).createAppender(table);
    }

    /** Ends the adding. */
    public void complete(DuckDBAppender appender) throws SQLException {
        appender.close();
        connection.commit();
        connection.setAutoCommit(true);
    }

    public void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            whileBeating(statement, () -> statement.execute(sql));
        }
    }

    /** Reads a result row by row. */
    public <E extends Exception> void query(String sql, Row<E> reader) throws SQLException, E {
        try (Statement statement = connection.createStatement();
                ResultSet result = whileBeating(statement, () -> statement.executeQuery(sql))) {
            for (long read = 0; result.next(); read++) {
                reader.row(result);
                if (read % ROWS_BETWEEN_HEARTBEATS == 0) {
                    heartbeat.run();
                }
            }
        }
    }

    /** The only number of a result. */
    public long number(String sql) throws SQLException {
        long[] number = new long[1];
        this.<RuntimeException>query(sql, row -> number[0] = row.getLong(1));
        return number[0];
    }

    /** A result of words and counts, in its order. */
    public Map<String, Long> counts(String sql) throws SQLException {
        Map<String, Long> counts = new LinkedHashMap<>();
        this.<RuntimeException>query(sql, row -> counts.put(row.getString(1), row.getLong(2)));
        return counts;
    }

    Connection connection() {
        return connection;
    }

    private interface Call<T> {
        T run() throws SQLException;
    }

    /** A statement over millions of rows takes long: beats meanwhile, and cancels it if the heartbeat says so by throwing. */
    private <T> T whileBeating(Statement statement, Call<T> call) throws SQLException {
        heartbeat.run();
        AtomicReference<@Nullable RuntimeException> ended = new AtomicReference<>();
        Thread beat = Thread.ofVirtual().start(() -> {
            try {
                while (true) {
                    Thread.sleep(HEARTBEAT);
                    heartbeat.run();
                }
            } catch (InterruptedException e) {
                // The statement is done.
            } catch (RuntimeException e) {
                ended.set(e);
                try {
                    statement.cancel();
                } catch (SQLException cancelled) {
                    e.addSuppressed(cancelled);
                }
            }
        });
        try {
            return call.run();
        } finally {
            beat.interrupt();
            RuntimeException cancelled = ended.get();
            if (cancelled != null) {
                throw cancelled;
            }
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
