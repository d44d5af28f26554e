package io.espalier.training.task.recommendation;

import io.espalier.training.data.IssueLog;
import io.espalier.training.data.ScratchDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What is said of items, or of users, in a database: of each its first row. */
final class AttributeStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ScratchDatabase database;
    private final String subject;
    private @Nullable DuckDBAppender appender;
    private long sequence;

    /**
     * @param database stays the caller's
     * @param subject {@code item} or {@code user}: the table is {@code item_attributes}, and its ids are {@code item}
     */
    AttributeStore(ScratchDatabase database, String subject) throws SQLException {
        this.database = database;
        this.subject = subject;
        database.run("CREATE TABLE %s_rows(seq BIGINT, part INTEGER, row BIGINT, \"%1$s\" VARCHAR, cells VARCHAR)"
                .formatted(subject));
        database.run("CREATE TABLE %s_attributes(\"%1$s\" VARCHAR, cells VARCHAR)".formatted(subject));
    }

    /** A row of a file. */
    record Described(int part, long row, String id) {}

    /** @param cells in the order of the columns */
    void add(int part, long row, String id, List<@Nullable String> cells) throws SQLException {
        if (appender == null) {
            appender = database.append(subject + "_rows");
        }
        appender.beginRow();
        appender.append(++sequence).append(part).append(row).append(id).append(JSON.writeValueAsString(cells));
        appender.endRow();
    }

    void complete() throws SQLException {
        if (appender != null) {
            database.complete(appender);
            database.run(
                    "INSERT INTO %s_attributes SELECT \"%1$s\", arg_min(cells, seq) FROM %1$s_rows GROUP BY \"%1$s\""
                            .formatted(subject));
        }
    }

    /** Of how many something is said. */
    long size() throws SQLException {
        return database.number("SELECT count(*) FROM %s_attributes".formatted(subject));
    }

    /** The first few rows about what an earlier row is about. */
    List<Described> repeated() throws SQLException {
        List<Described> examples = new ArrayList<>();
        database.<RuntimeException>query(
                """
                SELECT part, row, "%1$s" FROM %1$s_rows WHERE seq NOT IN (SELECT min(seq) FROM %1$s_rows GROUP BY "%1$s")
                ORDER BY part, row LIMIT %2$d""".formatted(subject, IssueLog.EXAMPLES),
                row -> examples.add(new Described(row.getInt(1), row.getLong(2), row.getString(3))));
        return examples;
    }

    long rows() {
        return sequence;
    }

    interface Cells<E extends Exception> {
        /** @param json a list; null where nothing is said */
        void of(@Nullable String json) throws E;
    }

    /** Of all that a model knows, in their order; after {@link InteractionStore#learnedIds} of them. */
    <E extends Exception> void learned(Cells<E> to) throws SQLException, E {
        database.<E>query(
                "SELECT cells FROM learned_%1$ss LEFT JOIN %1$s_attributes USING (\"%1$s\") ORDER BY position"
                        .formatted(subject),
                row -> to.of(row.getString(1)));
    }
}
