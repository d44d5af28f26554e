package io.espalier.training.task.recommendation;

import io.espalier.training.data.IssueLog;
import io.espalier.training.data.ScratchDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What is said of items, in a database: of each item its first row. */
final class AttributeStore {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ScratchDatabase database;
    private @Nullable DuckDBAppender appender;
    private long sequence;

    /** @param database stays the caller's */
    AttributeStore(ScratchDatabase database) throws SQLException {
        this.database = database;
        database.run("CREATE TABLE described(seq BIGINT, part INTEGER, row BIGINT, item VARCHAR, cells VARCHAR)");
        database.run("CREATE TABLE attributes(item VARCHAR, cells VARCHAR)");
    }

    /** A row of a file. */
    record Described(int part, long row, String item) {}

    /** @param cells in the order of the columns */
    void add(int part, long row, String item, List<@Nullable String> cells) throws SQLException {
        if (appender == null) {
            appender = database.append("described");
        }
        appender.beginRow();
        appender.append(++sequence).append(part).append(row).append(item).append(JSON.writeValueAsString(cells));
        appender.endRow();
    }

    void complete() throws SQLException {
        if (appender != null) {
            database.complete(appender);
            database.run("INSERT INTO attributes SELECT item, arg_min(cells, seq) FROM described GROUP BY item");
        }
    }

    long items() throws SQLException {
        return database.number("SELECT count(*) FROM attributes");
    }

    /** The first few rows of items that an earlier row is about. */
    List<Described> repeated() throws SQLException {
        List<Described> examples = new ArrayList<>();
        database.<RuntimeException>query(
                """
                SELECT part, row, item FROM described WHERE seq NOT IN (SELECT min(seq) FROM described GROUP BY item)
                ORDER BY part, row LIMIT %d""".formatted(IssueLog.EXAMPLES),
                row -> examples.add(new Described(row.getInt(1), row.getLong(2), row.getString(3))));
        return examples;
    }

    long rows() {
        return sequence;
    }

    interface Cells<E extends Exception> {
        /** @param json a list; null where nothing is said of the item */
        void of(@Nullable String json) throws E;
    }

    /** Of every item of the catalog, in its order; after {@link InteractionStore#learnedIds} of the items. */
    <E extends Exception> void catalog(Cells<E> to) throws SQLException, E {
        database.<E>query(
                "SELECT cells FROM learned_items LEFT JOIN attributes USING (item) ORDER BY position",
                row -> to.of(row.getString(1)));
    }
}
