package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.DatasetReport.Attributes;
import io.espalier.contracts.dataset.DatasetReport.Interactions;
import io.espalier.contracts.dataset.DatasetReport.Lengths;
import io.espalier.contracts.dataset.Split;
import io.espalier.training.data.IssueLog;
import io.espalier.training.data.ScratchDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.duckdb.DuckDBAppender;
import org.jspecify.annotations.Nullable;

/**
 * Interactions in a database: each pair of a user and an item once, and the split that it falls into. Which that is depends on ids
 * and times alone, and never on the order of the rows.
 */
final class InteractionStore {
    /** Of what is held out for the test, and as much for validation: what is chosen on little is chosen by chance, and the model learns from it in
     * the end. */
    private static final double TEST_SHARE = 0.2;

    private static final double VALIDATION_SHARE = 0.2;
    /** Of users or items, where some are held out as a whole. */
    private static final double WHOLE_SHARE = 0.1;
    /** A user with fewer interactions gives none away. */
    private static final int FEWEST_TO_SHARE = 5;
    /** What a user whom no training saw is known by. */
    static final int SESSION = 5;

    private static final int MOST_TEST_USERS = 20_000;
    private static final int MOST_VALIDATION_USERS = 2_000;

    private final ScratchDatabase database;
    private final DuckDBAppender appender;
    private long sequence;
    /** Whether the files say of any row what it is for. */
    private boolean splitsGiven;
    /** Of what a user to be measured on took. */
    private String order = "placed.h";

    /** @param database stays the caller's, and holds the {@link AttributeStore}'s table */
    InteractionStore(ScratchDatabase database) throws SQLException {
        this.database = database;
        database.run("""
                CREATE TABLE rows(seq BIGINT, part INTEGER, row BIGINT, given TINYINT, "user" VARCHAR, item VARCHAR,
                    moment BIGINT)""");
        this.appender = database.append("rows");
    }

    /** A row of a file. */
    record Found(int part, long row, String user, String item) {}

    /** Rows found: all counted, the first few shown. */
    record Finding(long count, List<Found> examples) {
        static final Finding NONE = new Finding(0, List.of());
    }

    /** As {@link InteractionRows.Store#add}. */
    void add(int part, long row, @Nullable Split given, String user, String item, long time) throws SQLException {
        appender.beginRow();
        appender.append(++sequence)
                .append(part)
                .append(row)
                .append((byte) (given == null ? 0 : given.ordinal() + 1))
                .append(user)
                .append(item);
        if (time == Long.MIN_VALUE) {
            appender.append((Long) null);
        } else {
            appender.append(time);
        }
        appender.endRow();
    }

    /** Ends the adding, and makes one of the rows of a pair. */
    void complete() throws SQLException {
        database.complete(appender);
        // Hashes of both ids together put pairs in an order that says nothing of either. Names are compared by their
        // bytes, as tables of ids are.
        database.run("""
                CREATE TABLE users AS SELECT "user", (row_number() OVER (ORDER BY "user") - 1)::INTEGER AS u,
                    hash("user") AS h FROM (SELECT "user" FROM rows UNION SELECT "user" FROM user_attributes UNION SELECT a FROM ties UNION SELECT b FROM ties)""");
        database.run("""
                CREATE TABLE items AS SELECT item, (row_number() OVER (ORDER BY item) - 1)::INTEGER AS i FROM (SELECT item FROM rows UNION SELECT item FROM item_attributes)""");
        database.run("""
                CREATE TABLE pairs AS SELECT users.u, items.i, greatest(given, 1) AS side, max(moment) AS moment, min(seq) AS seq,
                    count(*) AS times, min(hash("user" || chr(31) || item)) AS h
                FROM rows JOIN users USING ("user") JOIN items USING (item) GROUP BY users.u, items.i, side""");
        database.run("CREATE TYPE split AS ENUM ('TRAIN', 'VALIDATION', 'TEST')");
        this.splitsGiven = database.number("SELECT count(*) FROM pairs WHERE side > 1") > 0;
        // What is given for the test stays there; what is given for validation leaves training.
        database.run(splitsGiven ? """
                        CREATE TABLE used AS
                        SELECT p.*, (CASE side WHEN 3 THEN 'TEST' WHEN 2 THEN 'VALIDATION' END)::split AS given FROM pairs p
                        WHERE side = 3 OR NOT EXISTS (FROM pairs o WHERE o.u = p.u AND o.i = p.i AND o.side > p.side)""" : "CREATE VIEW used AS SELECT *, NULL::split AS given FROM pairs");
    }

    Finding repeated() throws SQLException {
        if (database.number("SELECT count(*) FROM pairs WHERE times > 1") == 0) {
            return Finding.NONE;
        }
        return find("""
                FROM rows JOIN users USING ("user") JOIN items USING (item) JOIN pairs p
                ON p.u = users.u AND p.i = items.i AND p.side = greatest(rows.given, 1) AND p.seq <> rows.seq
                WHERE p.times > 1""");
    }

    /** Pairs that left training, or validation, for a later split. */
    Finding heldOutTwice(Split by) throws SQLException {
        if (!splitsGiven) {
            return Finding.NONE;
        }
        return find("""
                FROM rows SEMI JOIN (SELECT p.seq FROM pairs p WHERE p.side < %1$d
                    AND EXISTS (FROM pairs o WHERE o.u = p.u AND o.i = p.i AND o.side = %1$d)) USING (seq)""".formatted(by.ordinal() + 1));
    }

    /** How the interactions that have no split are shared out. */
    enum Protocol {
        /** The newest ones are held out, the very newest for the test. */
        TIME,
        /** Some of every user's are held out, at random. */
        USER,
        /** All of the users' who came last are held out, or of some at random where nothing says when they came. */
        NEW_USERS,
        /** All of some items that something is said of are held out, at random. */
        NEW_ITEMS
    }

    /** Puts every pair into a split; the last call counts. */
    void split(Protocol protocol) throws SQLException {
        boolean whole = protocol == Protocol.NEW_USERS || protocol == Protocol.NEW_ITEMS;
        double test = isGiven(Split.TEST) ? 0 : 1;
        double validation = isGiven(Split.VALIDATION) ? 0 : 1;
        this.order = protocol == Protocol.NEW_USERS ? "placed.h" : "moment NULLS FIRST, placed.h";
        double share = whole ? WHOLE_SHARE : TEST_SHARE;
        double shareOfTest = share * test;
        double shareOfBoth = shareOfTest + (whole ? WHOLE_SHARE : VALIDATION_SHARE) * validation;
        // Of each pair whether it is shared out at all, and its place among those that are, from 0 to 1: the first ones
        // are the test.
        String placed = switch (protocol) {
            case TIME -> """
                SELECT *, moment IS NOT NULL AS shared, (row_number() OVER w - 1) / count(*) OVER (PARTITION BY given, moment IS NULL) AS place
                FROM used WINDOW w AS (PARTITION BY given, moment IS NULL ORDER BY moment DESC, h, u, i)""";
            case USER -> """
                SELECT *, n >= %d AS shared, (rank - 0.5) / n AS place FROM (
                    SELECT *, row_number() OVER (PARTITION BY given, u ORDER BY h, i) AS rank,
                        count(*) OVER (PARTITION BY given, u) AS n FROM used)""".formatted(FEWEST_TO_SHARE);
            case NEW_USERS -> """
                SELECT used.*, place IS NOT NULL AS shared, place FROM used LEFT JOIN (
                    SELECT u, (row_number() OVER (ORDER BY came DESC NULLS LAST, h, u) - 1) / count(*) OVER () AS place
                    FROM (SELECT u, min(moment) AS came FROM used WHERE given IS NULL GROUP BY u) JOIN users USING (u)) USING (u)""";
            case NEW_ITEMS -> """
                SELECT used.*, place IS NOT NULL AS shared, place FROM used LEFT JOIN (
                    SELECT i, (row_number() OVER (ORDER BY hash(item), i) - 1) / count(*) OVER () AS place
                    FROM items SEMI JOIN item_attributes USING (item) SEMI JOIN (SELECT i FROM used WHERE given IS NULL) USING (i)) USING (i)""";
        };
        database.run("""
                CREATE OR REPLACE TABLE placed AS SELECT u, i, h, moment, (CASE WHEN given IS NOT NULL THEN given WHEN NOT shared THEN 'TRAIN'
                    WHEN place < %s THEN 'TEST' WHEN place < %s THEN 'VALIDATION' ELSE 'TRAIN' END)::split AS split FROM (%s)""".formatted(shareOfTest, shareOfBoth, placed));
    }

    private boolean isGiven(Split split) throws SQLException {
        return splitsGiven && database.number("SELECT count(*) FROM used WHERE given = '%s'".formatted(split)) > 0;
    }

    Map<Split, Long> rowsBySplit() throws SQLException {
        Map<Split, Long> rows = new EnumMap<>(Split.class);
        for (Split split : Split.values()) {
            rows.put(split, 0L);
        }
        database.counts("SELECT split, count(*) FROM placed GROUP BY split")
                .forEach((split, count) -> rows.put(Split.valueOf(split), count));
        return rows;
    }

    /** Users of a split that can be asked for: those with a history, and those with an item to tell and one to find. */
    long askable(Split split) throws SQLException {
        return database.number("""
                SELECT count(*) FROM (SELECT u, count(*) AS n FROM placed WHERE split = '%s' GROUP BY u) a
                LEFT JOIN (SELECT DISTINCT u, true AS known FROM placed WHERE %s) k USING (u) WHERE known OR n > 1""".formatted(split, before(split)));
    }

    /** What a model knows that is measured on a split. */
    private static String before(Split split) {
        return split == Split.TEST ? "split <> 'TEST'" : "split = 'TRAIN'";
    }

    long itemsOf(Split split) throws SQLException {
        return database.number("SELECT count(DISTINCT i) FROM placed WHERE split = '" + split + "'");
    }

    /** Users with two different items to learn from. */
    long usersWithSeveral() throws SQLException {
        return database.number(
                "SELECT count(*) FROM (SELECT u FROM placed WHERE split = 'TRAIN' GROUP BY u HAVING count(*) > 1)");
    }

    /**
     * @param types and itemColumns and userColumns: as in the report
     * @return null where there are none
     */
    @Nullable
    Interactions profile(Map<String, Long> types, Map<String, String> itemColumns, Map<String, String> userColumns)
            throws SQLException {
        long ties = database.number("SELECT count(*) FROM ties");
        long users = database.number("SELECT count(DISTINCT u) FROM used");
        long items = database.number("SELECT count(DISTINCT i) FROM used");
        if (users == 0) {
            return null;
        }
        long rows = database.number("SELECT count(*) FROM used");
        // A pair may be given for two splits.
        long all = splitsGiven ? database.number("SELECT count(*) FROM (SELECT DISTINCT u, i FROM used)") : rows;
        long top = database.number("""
                SELECT sum(n) FROM (SELECT count(*) AS n FROM used GROUP BY i ORDER BY n DESC LIMIT %d)""".formatted(Math.max(1, items / 10)));
        Map<String, Long> activity = database.counts("""
                SELECT strftime(make_timestamp(moment * 1000), '%Y-%m') AS month, count(*) FROM used WHERE moment IS NOT NULL
                GROUP BY month ORDER BY month""");
        return new Interactions(
                users,
                items,
                all / ((double) users * items),
                lengths("u"),
                lengths("i"),
                top / (double) rows,
                activity,
                types.isEmpty() ? null : types,
                attributes("item", "i", itemColumns),
                attributes("user", "u", userColumns),
                ties == 0 ? null : ties);
    }

    /** @return null where there are no columns */
    private @Nullable Attributes attributes(String subject, String number, Map<String, String> columns)
            throws SQLException {
        if (columns.isEmpty()) {
            return null;
        }
        String described = "FROM %1$ss SEMI JOIN %1$s_attributes USING (\"%1$s\")".formatted(subject);
        return new Attributes(
                database.number("SELECT count(*) " + described),
                database.number("SELECT count(*) %s ANTI JOIN used USING (%s)".formatted(described, number)),
                database.number(
                        "SELECT count(*) FROM %1$ss SEMI JOIN used USING (%2$s) ANTI JOIN %1$s_attributes USING (\"%1$s\")"
                                .formatted(subject, number)),
                columns);
    }

    private Lengths lengths(String by) throws SQLException {
        TreeMap<Long, Long> counts = new TreeMap<>();
        database.<RuntimeException>query(
                "SELECT n, count(*) FROM (SELECT count(*) AS n FROM used GROUP BY %s) GROUP BY n".formatted(by),
                row -> counts.put(row.getLong(1), row.getLong(2)));
        return Lengths.of(counts);
    }

    /** Takes the interactions that a model may learn from. */
    interface Learned<E extends Exception> {
        /** @param user and item: positions in {@link #learnedIds} */
        void pair(int user, int item, boolean validation) throws E;
    }

    /** Ids of what training and validation hold, and of items that something is said of, in the order of their bytes. */
    List<String> learnedIds(String table, String name, String number) throws SQLException {
        String described = table.equals("items")
                ? "UNION SELECT i FROM items SEMI JOIN item_attributes USING (item)"
                : "UNION SELECT u FROM users WHERE \"user\" IN (FROM told_users)";
        database.run("""
                CREATE OR REPLACE TABLE learned_%1$s AS SELECT %2$s, %3$s, (row_number() OVER (ORDER BY %2$s) - 1)::INTEGER AS position
                FROM %1$s SEMI JOIN (SELECT %3$s FROM placed WHERE split <> 'TEST' %4$s) USING (%3$s)""".formatted(table, name, number, described));
        List<String> ids = new ArrayList<>();
        database.<RuntimeException>query(
                "SELECT %s FROM learned_%s ORDER BY position".formatted(name, table), row -> ids.add(row.getString(1)));
        return ids;
    }

    /** All pairs, user by user, the oldest first; after {@link #learnedIds} of both tables. */
    <E extends Exception> void learned(Learned<E> pairs) throws SQLException, E {
        database.<E>query("""
                SELECT a.position, b.position, split = 'VALIDATION' FROM placed
                JOIN learned_users a USING (u) JOIN learned_items b USING (i) WHERE split <> 'TEST'
                ORDER BY a.position, moment NULLS FIRST, placed.h, b.position""", row -> pairs.pair(row.getInt(1), row.getInt(2), row.getBoolean(3)));
    }

    /**
     * A user to be measured on.
     *
     * @param known whether a training saw interactions
     * @param told whether something else is said of the user
     * @param unseen those of the items that nothing but attributes is known of
     */
    record Asked(String user, boolean known, boolean told, List<String> items, List<String> unseen) {}

    interface AskedUsers<E extends Exception> {
        void user(Asked user) throws E;
    }

    /**
     * The users of a split, in an order that says nothing, with what they took: the oldest first, or at random where the users are
     * held out as a whole, and time says nothing of what is known of them. At most as many as tell enough.
     */
    <E extends Exception> void asked(Split split, AskedUsers<E> users) throws SQLException, E {
        int most = split == Split.TEST ? MOST_TEST_USERS : MOST_VALIDATION_USERS;
        List<String> items = new ArrayList<>();
        String[] user = new String[1];
        List<String> unseen = new ArrayList<>();
        boolean[] known = new boolean[1];
        boolean[] told = new boolean[1];
        database.<E>query("""
                SELECT "user", known, item, item IN (FROM unseen), "user" IN (FROM told_users) FROM (
                    SELECT u, "user", users.h, u IN (SELECT u FROM placed WHERE %s) AS known FROM users
                    SEMI JOIN (SELECT u FROM placed WHERE split = '%s') USING (u) ORDER BY users.h, u LIMIT %d) a
                JOIN placed USING (u) JOIN items USING (i) WHERE split = '%2$s' ORDER BY a.h, u, %4$s, i""".formatted(before(split), split, most, order), row -> {
            String next = row.getString(1);
            if (!next.equals(user[0])) {
                if (user[0] != null) {
                    users.user(new Asked(user[0], known[0], told[0], List.copyOf(items), List.copyOf(unseen)));
                }
                items.clear();
                unseen.clear();
                user[0] = next;
                known[0] = row.getBoolean(2);
                told[0] = row.getBoolean(5);
            }
            items.add(row.getString(3));
            if (row.getBoolean(4)) {
                unseen.add(row.getString(3));
            }
        });
        if (user[0] != null) {
            users.user(new Asked(user[0], known[0], told[0], List.copyOf(items), List.copyOf(unseen)));
        }
    }

    /** Items of a split that nothing but attributes is known of, in an order that says nothing; {@link #asked} of the same split comes after. */
    List<String> unseen(Split split, int most) throws SQLException {
        database.run("""
                CREATE OR REPLACE TABLE unseen AS SELECT item FROM items SEMI JOIN item_attributes USING (item)
                SEMI JOIN (SELECT i FROM placed WHERE split = '%s') USING (i)
                ANTI JOIN (SELECT i FROM placed WHERE %s) USING (i)
                ORDER BY hash(item), item LIMIT %d""".formatted(split, before(split), most));
        List<String> items = new ArrayList<>();
        database.<RuntimeException>query("FROM unseen ORDER BY item", row -> items.add(row.getString(1)));
        return items;
    }

    /** Takes who is tied to whom. */
    interface Tied<E extends Exception> {
        /** @param from and to: positions in {@link #learnedIds} */
        void tie(int from, int to) throws E;
    }

    /** All ties between users that a model knows, user by user; after {@link #learnedIds} of the users. */
    <E extends Exception> void ties(Tied<E> ties) throws SQLException, E {
        database.<E>query("""
                SELECT x.position, y.position FROM ties JOIN learned_users x ON x."user" = ties.a JOIN learned_users y ON y."user" = ties.b
                ORDER BY 1, 2""", row -> ties.tie(row.getInt(1), row.getInt(2)));
    }

    private Finding find(String from) throws SQLException {
        long count = database.number("SELECT count(*) " + from);
        List<Found> examples = new ArrayList<>();
        if (count > 0) {
            database.<RuntimeException>query(
                    "SELECT part, row, \"user\", item %s ORDER BY part, row LIMIT %d"
                            .formatted(from, IssueLog.EXAMPLES),
                    row -> examples.add(new Found(row.getInt(1), row.getLong(2), row.getString(3), row.getString(4))));
        }
        return new Finding(count, examples);
    }
}
