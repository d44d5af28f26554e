package io.espalier.training.task.recommendation;

import io.espalier.training.data.ScratchDatabase;
import java.sql.SQLException;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/** Who is tied to whom, in a database: each pair once, nobody to themselves. */
final class TieStore {
    private final ScratchDatabase database;
    private @Nullable DuckDBAppender appender;

    /** @param database stays the caller's */
    TieStore(ScratchDatabase database) throws SQLException {
        this.database = database;
        database.run("CREATE TABLE tie_rows(a VARCHAR, b VARCHAR)");
        database.run("CREATE TABLE ties(a VARCHAR, b VARCHAR)");
    }

    void add(String from, String to) throws SQLException {
        if (appender == null) {
            appender = database.append("tie_rows");
        }
        appender.beginRow();
        appender.append(from).append(to);
        appender.endRow();
    }

    /** Ends the adding of ties, and of what is said of users. */
    void complete() throws SQLException {
        if (appender != null) {
            database.complete(appender);
            database.run("INSERT INTO ties SELECT DISTINCT a, b FROM tie_rows");
        }
        database.run("""
                CREATE TABLE told_users AS SELECT "user" FROM user_attributes UNION SELECT a FROM ties""");
    }
}
