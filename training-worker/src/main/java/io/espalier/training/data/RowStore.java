package io.espalier.training.data;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.dataset.DatasetReport.Lengths;
import io.espalier.contracts.dataset.Split;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * The usable rows of a dataset in a DuckDB database: which of them repeat or contradict each other, and which split each
 * falls into. One thread.
 *
 * <p>Inputs are compared by the first 128 bits of the SHA-256 of their identity. The same bits order the rows of a label,
 * so that a row's split depends on its content and its label's other inputs, and never on order or time.
 */
final class RowStore implements AutoCloseable {
    private static final String NOT_IN_TRAINING = """
            FROM used WHERE split <> 'TRAIN'
                AND label NOT IN (SELECT DISTINCT label FROM used WHERE split = 'TRAIN')""";

    /** A row that SQL found, with what stands there. */
    record Found(int part, long row, String label, String input) {}

    /** Rows found: all counted, the first few shown. */
    record Finding(long count, List<Found> examples) {}

    private final ScratchDatabase database;
    private final DuckDBAppender appender;
    private final MessageDigest sha256 = Sha256.digest();
    private long sequence;

    RowStore(Path directory, Runnable heartbeat) throws SQLException {
        this.database = new ScratchDatabase(directory, heartbeat);
        database.run("""
                CREATE TABLE rows(seq BIGINT, part INTEGER, row BIGINT, given TINYINT, h1 BIGINT, h2 BIGINT, label VARCHAR,
                    chars INTEGER, tokens INTEGER, language VARCHAR, input VARCHAR)""");
        this.appender = database.append("rows");
    }

    /**
     * @param given the split that the user gave; null where there is none
     * @param identity rows of equal identity have the same input
     * @param input as JSON
     */
    void add(
            int part,
            long row,
            @Nullable Split given,
            String identity,
            String label,
            int characters,
            int tokens,
            @Nullable String language,
            String input)
            throws SQLException {
        ByteBuffer hash = ByteBuffer.wrap(sha256.digest(identity.getBytes(StandardCharsets.UTF_8)));
        appender.beginRow();
        appender.append(++sequence)
                .append(part)
                .append(row)
                .append((byte) (given == null ? 0 : given.ordinal() + 1))
                .append(hash.getLong())
                .append(hash.getLong())
                .append(label)
                .append(characters)
                .append(tokens)
                .append(language)
                .append(input);
        appender.endRow();
    }

    /** Ends the adding. */
    void complete() throws SQLException {
        database.complete(appender);
    }

    /**
     * Takes labels of the given validation and test rows that no training row has for the training label that differs from
     * them only in case, space or a final full stop, if there is exactly one.
     */
    Finding alignLabels() throws SQLException {
        database.run("""
                CREATE TABLE spelling AS
                WITH known AS (SELECT DISTINCT label FROM rows WHERE given < 2),
                    plain AS (SELECT min(label) AS label, regexp_replace(lower(trim(label)), '\\s*\\.$', '') AS key
                        FROM known GROUP BY key HAVING count(*) = 1),
                    unknown AS (SELECT DISTINCT label FROM rows WHERE given >= 2 AND label NOT IN (FROM known))
                SELECT unknown.label AS written, plain.label AS meant FROM unknown
                JOIN plain ON plain.key = regexp_replace(lower(trim(unknown.label)), '\\s*\\.$', '')""");
        Finding finding = find("FROM rows WHERE given >= 2 AND label IN (SELECT written FROM spelling)");
        if (finding.count() > 0) {
            database.run("UPDATE rows SET label = meant FROM spelling WHERE given >= 2 AND label = written");
        }
        return finding;
    }

    /**
     * Decides which rows are left out.
     *
     * @param keepsRepeats whether rows that are equal, or that differ in the label alone, are kept
     */
    void judge(boolean keepsRepeats) throws SQLException {
        database.run("""
                CREATE TABLE groups AS
                SELECT h1, h2, greatest(given, 1) AS side, min(seq) AS first, min(label) <> max(label) AS conflicting
                FROM rows GROUP BY ALL""");
        database.run("""
                CREATE TABLE fates AS
                SELECT r.seq, r.given, r.label, r.h1, r.h2, g.conflicting, r.seq <> g.first AS repeated,
                    CASE WHEN r.given = 3 THEN NULL
                        WHEN t.h1 IS NOT NULL THEN 'TRAIN_ROW_IN_TEST'
                        WHEN r.given < 2 AND v.h1 IS NOT NULL THEN 'TRAIN_ROW_IN_VALIDATION'
                        %s END AS fate
                FROM rows r
                JOIN groups g ON g.h1 = r.h1 AND g.h2 = r.h2 AND g.side = greatest(r.given, 1)
                LEFT JOIN (FROM groups WHERE side = 3) t ON t.h1 = r.h1 AND t.h2 = r.h2
                LEFT JOIN (FROM groups WHERE side = 2) v ON v.h1 = r.h1 AND v.h2 = r.h2""".formatted(keepsRepeats ? "" : """
                        WHEN g.conflicting THEN 'CONFLICTING_LABELS'
                        WHEN r.seq <> g.first THEN 'DUPLICATE_ROW'"""));
        database.run("DROP TABLE groups");
        database.run("""
                UPDATE fates SET fate = 'RARE_CLASS' WHERE fate IS NULL AND given < 3 AND label IN (
                    SELECT label FROM fates WHERE fate IS NULL AND given < 3 GROUP BY label HAVING count(*) < %d)""".formatted(LabelledScan.FEWEST_ROWS_OF_A_CLASS));
    }

    Finding leftOut(IssueCode code) throws SQLException {
        return findFate("fate = '" + code.name() + "'");
    }

    Finding repeated(boolean test) throws SQLException {
        return findFate("fate IS NULL AND repeated AND given " + (test ? "= 3" : "< 3"));
    }

    Finding conflicting(boolean test) throws SQLException {
        return findFate("fate IS NULL AND conflicting AND given " + (test ? "= 3" : "< 3"));
    }

    long labels() throws SQLException {
        return database.number("SELECT count(DISTINCT label) FROM fates WHERE fate IS NULL");
    }

    /** Puts every row that is kept into a split. */
    void split() throws SQLException {
        boolean carveTest = database.number("SELECT count(*) FROM fates WHERE given = 3") == 0;
        boolean carveValidation = database.number("SELECT count(*) FROM fates WHERE given = 2 AND fate IS NULL") == 0;
        database.run("""
                CREATE TABLE inputs AS SELECT h1, h2, min(label) AS label FROM fates
                WHERE fate IS NULL AND given < 2 GROUP BY h1, h2""");
        Map<String, Splits.Quota> quotas = Splits.quotas(
                database.counts("SELECT label, count(*) FROM inputs GROUP BY label ORDER BY label"),
                carveTest,
                carveValidation);
        database.run("CREATE TABLE quotas(label VARCHAR, test BIGINT, validation BIGINT)");
        try (PreparedStatement insert = database.connection().prepareStatement("INSERT INTO quotas VALUES (?, ?, ?)")) {
            for (var quota : quotas.entrySet()) {
                insert.setString(1, quota.getKey());
                insert.setLong(2, quota.getValue().test());
                insert.setLong(3, quota.getValue().validation());
                insert.execute();
            }
        }
        database.run("""
                CREATE TABLE carved AS
                WITH ranked AS (SELECT *, row_number() OVER (PARTITION BY label ORDER BY h1, h2) AS rank FROM inputs)
                SELECT h1, h2, CASE WHEN rank <= test THEN 'TEST' WHEN rank <= test + validation THEN 'VALIDATION'
                    ELSE 'TRAIN' END AS split
                FROM ranked JOIN quotas USING (label)""");
        database.run("""
                CREATE TABLE used AS
                SELECT f.seq, f.label, f.h1, f.h2,
                    CASE f.given WHEN 3 THEN 'TEST' WHEN 2 THEN 'VALIDATION' ELSE c.split END AS split
                FROM fates f LEFT JOIN carved c ON f.given < 2 AND c.h1 = f.h1 AND c.h2 = f.h2
                WHERE f.fate IS NULL""");
    }

    Map<Split, Long> rowsBySplit() throws SQLException {
        return bySplit("SELECT split, count(*) FROM used GROUP BY split");
    }

    Map<String, Long> rowsByLabel() throws SQLException {
        return database.counts("SELECT label, count(*) FROM used GROUP BY label");
    }

    Map<String, Long> rowsByLanguage() throws SQLException {
        return database.counts("""
                SELECT language, count(*) AS n FROM rows JOIN used USING (seq) WHERE language IS NOT NULL
                GROUP BY language ORDER BY n DESC, language""");
    }

    long trainingLabels() throws SQLException {
        return database.number("SELECT count(DISTINCT label) FROM used WHERE split = 'TRAIN'");
    }

    Finding notInTraining() throws SQLException {
        return find("FROM rows WHERE seq IN (SELECT seq " + NOT_IN_TRAINING + ")");
    }

    Map<Split, Long> notInTrainingBySplit() throws SQLException {
        return bySplit("SELECT split, count(*) " + NOT_IN_TRAINING + " GROUP BY split");
    }

    Finding longerThan(int tokens) throws SQLException {
        return find("FROM rows SEMI JOIN used USING (seq) WHERE tokens > " + tokens);
    }

    /** Exact quantiles, from how often each length occurs: a quantile in SQL would hold the lengths of all rows in memory. */
    @Nullable
    Lengths lengths() throws SQLException {
        SortedMap<Long, Long> rowsByLength = new TreeMap<>();
        database.<RuntimeException>query(
                "SELECT chars, count(*) FROM rows SEMI JOIN used USING (seq) GROUP BY chars",
                row -> rowsByLength.put(row.getLong(1), row.getLong(2)));
        return rowsByLength.isEmpty() ? null : Lengths.of(rowsByLength);
    }

    /** Takes the rows of a split. */
    interface Rows<E extends Exception> {
        void row(String input, String label) throws E;
    }

    /** The rows of a split in the order of their content. */
    <E extends Exception> void export(Split split, Rows<E> rows) throws SQLException, E {
        database.<E>query("""
                SELECT r.input, u.label FROM rows r JOIN used u USING (seq) WHERE u.split = '%s'
                ORDER BY u.h1, u.h2, u.label, r.input""".formatted(split.name()), row -> rows.row(row.getString(1), row.getString(2)));
    }

    /** Some rows of a split, of as many labels as there can be, in an order that depends on nothing but their content. */
    <E extends Exception> void sample(Split split, int most, Rows<E> rows) throws SQLException, E {
        database.<E>query("""
                SELECT r.input, u.label FROM rows r JOIN (
                    SELECT *, row_number() OVER (PARTITION BY label ORDER BY h1, h2, seq) AS rank
                    FROM used WHERE split = '%s') u USING (seq)
                ORDER BY u.rank, u.h1, u.h2, u.seq LIMIT %d""".formatted(split.name(), most), row -> rows.row(row.getString(1), row.getString(2)));
    }

    private Finding findFate(String condition) throws SQLException {
        return find("FROM rows SEMI JOIN (SELECT seq FROM fates WHERE %s) USING (seq)".formatted(condition));
    }

    private Finding find(String from) throws SQLException {
        long count = database.number("SELECT count(*) " + from);
        List<Found> examples = new ArrayList<>();
        if (count > 0) {
            database.<RuntimeException>query(
                    "SELECT part, row, label, left(input, 200) %s ORDER BY seq LIMIT %d"
                            .formatted(from, IssueLog.EXAMPLES),
                    row -> examples.add(new Found(row.getInt(1), row.getLong(2), row.getString(3), row.getString(4))));
        }
        return new Finding(count, examples);
    }

    private Map<Split, Long> bySplit(String sql) throws SQLException {
        Map<Split, Long> rows = new EnumMap<>(Split.class);
        database.counts(sql).forEach((split, count) -> rows.put(Split.valueOf(split), count));
        return rows;
    }

    @Override
    public void close() throws SQLException {
        database.close();
    }
}
