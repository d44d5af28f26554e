package io.espalier.training.task.recommendation;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Interactions;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.DatasetReport.Profile;
import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.modelkit.task.SplitRow;
import io.espalier.modelkit.task.recommendation.InteractionRule;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Column;
import io.espalier.modelkit.task.recommendation.RecommendationScorer;
import io.espalier.training.data.DatasetFiles;
import io.espalier.training.data.DatasetScan;
import io.espalier.training.data.IssueLog;
import io.espalier.training.data.ScanRequest;
import io.espalier.training.data.ScratchDatabase;
import io.espalier.training.task.recommendation.InteractionStore.Asked;
import io.espalier.training.task.recommendation.InteractionStore.Finding;
import io.espalier.training.task.recommendation.InteractionStore.Protocol;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * A scan of interactions. Its training split is an {@link InteractionFile}, which holds what is for validation too; the others
 * are requests for users, with what they took.
 */
final class InteractionScan implements DatasetScan {
    private static final int FEWEST_ROWS = 10;
    private static final int FEW_ROWS = 1000;
    /** Of a training, so that there is something to rank. */
    private static final int FEWEST_ITEMS = 5;

    /** Of what is to be ranked for a user in a measurement of unseen items. */
    private static final int MOST_UNSEEN = 500;

    private static final int MOST_RANKED = 1000;

    /** Types, in a message. */
    private static final int MOST_NAMED = 20;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final ScanRequest request;
    private final IssueLog issues = new IssueLog();
    private final ScratchDatabase database;
    private final Described items;
    private final Described users;
    private final InteractionStore store;
    private final DatasetReport report;
    /** Whether it takes so long that somebody wants to hear what goes on. */
    private boolean many;

    /** What is said of items or of users, and in which columns. */
    record Described(AttributeStore store, List<Column> columns) {
        /** As the report has it. */
        Map<String, String> kinds() {
            Map<String, String> kinds = new LinkedHashMap<>();
            columns.forEach(
                    column -> kinds.put(column.name(), column.kind().name().toLowerCase(Locale.ROOT)));
            return kinds;
        }
    }

    static DatasetScan run(ScanRequest request) throws IOException {
        try {
            return new InteractionScan(request);
        } catch (SQLException e) {
            throw ScratchDatabase.failed(e);
        }
    }

    private InteractionScan(ScanRequest request) throws IOException, SQLException {
        this.request = request;
        this.database = new ScratchDatabase(request.directory(), request.watch()::beat);
        try {
            DatasetFiles.Tables tables = DatasetFiles.tables(Recommendation.DESCRIPTOR.columns(), request, issues);
            this.items = described(
                    tables.others().get(Recommendation.ITEMS_TABLE),
                    Recommendation.ITEM,
                    Recommendation.ITEM_ID,
                    Recommendation.ITEM_ATTRIBUTES);
            this.users = described(
                    tables.others().get(Recommendation.USERS_TABLE),
                    Recommendation.USER,
                    Recommendation.USER_ID,
                    Recommendation.USER_ATTRIBUTES);
            readTies(tables.others().get(Recommendation.TIES_TABLE));
            this.store = new InteractionStore(database);
            this.report = scan(tables);
        } catch (IOException | SQLException | RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private Described described(@Nullable DatasetFiles files, String noun, String idRole, String restRole)
            throws IOException, SQLException {
        AttributeStore attributes = new AttributeStore(database, noun);
        if (files == null) {
            return new Described(attributes, List.of());
        }
        AttributeRows rows = new AttributeRows(files, issues, attributes, noun, idRole, restRole);
        files.read(rows);
        if (rows.columns().isEmpty()) {
            issues.found(
                    "nothing-said",
                    Severity.WARNING,
                    "The files about " + noun + "s have no column but the id; nothing follows from them.",
                    1,
                    List.of(place(files)));
            return new Described(attributes, List.of());
        }
        attributes.complete();
        rows.report();
        return new Described(attributes, rows.columns());
    }

    private void readTies(@Nullable DatasetFiles files) throws IOException, SQLException {
        TieStore ties = new TieStore(database);
        if (files != null) {
            files.read(new TieRows(files, issues, ties));
        }
        ties.complete();
    }

    private DatasetReport scan(DatasetFiles.Tables tables) throws IOException, SQLException {
        DatasetFiles files = tables.examples();
        InteractionRule counted = InteractionRule.of(request.hyperparameters());
        InteractionRows rows = new InteractionRows(files, issues, counted, store::add);
        files.read(rows);
        this.many = files.rows() >= DatasetFiles.MANY_ROWS;
        says("Pairing users and items");
        store.complete();
        says("Splitting and profiling the interactions");
        Map<Split, Long> bySplit = new EnumMap<>(Split.class);
        Interactions interactions = null;
        if (files.isReadable()) {
            checkTypes(files, counted, rows.types());
            report(files, rows);
            bySplit = store.rowsBySplit();
            interactions = store.profile(rows.types(), items.kinds(), users.kinds());
        } else {
            for (Split split : Split.values()) {
                bySplit.put(split, 0L);
            }
        }
        long used = bySplit.values().stream().mapToLong(Long::longValue).sum();
        return new DatasetReport(
                !issues.hasErrors(),
                tables.mapping(),
                tables.formats(),
                files.rows(),
                used,
                bySplit,
                issues.issues(),
                new Profile(
                        Map.of(),
                        null,
                        Map.of(),
                        tables.missing(),
                        issues.count("repeated-interaction"),
                        0,
                        null,
                        interactions),
                files.preview());
    }

    private void checkTypes(DatasetFiles files, InteractionRule counted, Map<String, Long> types) {
        List<String> unknown = counted.types().stream()
                .filter(type -> !types.containsKey(type))
                .sorted()
                .toList();
        if (!unknown.isEmpty()) {
            error(
                    files,
                    "unknown-type",
                    "A training asks for interactions of the type %s, and %s."
                            .formatted(
                                    String.join(", ", unknown),
                                    types.isEmpty()
                                            ? "none has a type"
                                            : "those that there are have "
                                                    + types.keySet().stream()
                                                            .limit(MOST_NAMED)
                                                            .collect(Collectors.joining(", "))));
        }
    }

    private void report(DatasetFiles files, InteractionRows rows) throws SQLException {
        log(
                files,
                "repeated-interaction",
                Severity.ROWS_LEFT_OUT,
                "{rows} {repeat} an earlier one of the same user and item and {are} left out; the pair counts once, at its newest time.",
                store.repeated());
        log(
                files,
                "train-row-in-test",
                Severity.ROWS_LEFT_OUT,
                "{rows} of the training or validation data also {stand} in the test data and {are} left out of training.",
                store.heldOutTwice(Split.TEST));
        log(
                files,
                "train-row-in-validation",
                Severity.ROWS_LEFT_OUT,
                "{rows} of the training data also {stand} in the validation data and {are} left out of training.",
                store.heldOutTwice(Split.VALIDATION));
        if (!rows.hasTimes() && protocols(false).contains(Protocol.TIME)) {
            error(
                    files,
                    "no-time",
                    "The interactions are to be split by time, and nothing says when they were; choose another split.");
        }
        if (protocols(false).contains(Protocol.NEW_ITEMS) && items.store.size() == 0) {
            error(
                    files,
                    "no-attributes",
                    "The interactions are to be split by items, and no file says what items are; choose another split.");
        }
        boolean asked = false;
        for (Protocol protocol : protocols(rows.mostlyHasTimes())) {
            store.split(protocol);
            asked = store.askable(Split.VALIDATION) > 0 && store.askable(Split.TEST) > 0;
            if (asked) {
                break;
            }
        }
        check(files, asked);
    }

    private void check(DatasetFiles files, boolean asked) throws SQLException {
        long used =
                store.rowsBySplit().values().stream().mapToLong(Long::longValue).sum();
        if (used == 0 && files.rows() == 0) {
            return; // Files without a single row say so already.
        }
        if (used < FEWEST_ROWS) {
            error(files, "too-few-rows", "Fewer than 10 usable rows are left; a training needs at least 10.");
        } else if (store.itemsOf(Split.TRAIN) < FEWEST_ITEMS) {
            error(
                    files,
                    "too-few-items",
                    "The training data hold fewer than " + FEWEST_ITEMS
                            + " different items; there is nothing to rank.");
        } else if (store.usersWithSeveral() == 0) {
            error(
                    files,
                    "no-overlap",
                    "No user of the training data has two different items, so that nothing can be learned about what goes together.");
        } else if (!asked) {
            String code = store.askable(Split.VALIDATION) == 0 ? "no-validation-rows" : "no-test-rows";
            error(
                    files,
                    code,
                    ("No user is left for the %s: a split by user needs users with five items, one by items some items with"
                                    + " attributes, the others users with two items.")
                            .formatted(code.startsWith("no-test") ? "test" : "validation"));
        } else if (used < FEW_ROWS) {
            issues.found(
                    "few-interactions",
                    Severity.WARNING,
                    "There are fewer than 1,000 usable interactions; expect a weak model.",
                    1,
                    List.of(place(files)));
        }
    }

    /** The one that the team asks for; else those that need no attributes, the most telling first, of which the first that leaves users to ask for counts. */
    private List<Protocol> protocols(boolean mostlyHasTimes) {
        return switch (request.hyperparameters()
                .getOrDefault(Recommendation.SPLIT, "auto")
                .toString()) {
            case "time" -> List.of(Protocol.TIME);
            case "user" -> List.of(Protocol.USER);
            case "new-users" -> List.of(Protocol.NEW_USERS);
            case "new-items" -> List.of(Protocol.NEW_ITEMS);
            default ->
                mostlyHasTimes
                        ? List.of(Protocol.TIME, Protocol.USER, Protocol.NEW_USERS)
                        : List.of(Protocol.USER, Protocol.NEW_USERS);
        };
    }

    private void log(DatasetFiles files, String code, Severity severity, String template, Finding finding) {
        issues.found(
                code,
                severity,
                template,
                finding.count(),
                finding.examples().stream()
                        .map(found -> files.parts()
                                .get(found.part())
                                .place(found.row(), null, found.user() + ", " + found.item()))
                        .toList());
    }

    private void error(DatasetFiles files, String code, String message) {
        issues.found(code, Severity.ERROR, message, 1, List.of(place(files)));
    }

    private static Place place(DatasetFiles files) {
        return files.parts().getFirst().place(null, null, null);
    }

    private void says(String message) {
        if (many) {
            request.watch().says(message);
        }
    }

    @Override
    public DatasetReport report() {
        return report;
    }

    @Override
    public String contentHash() {
        return request.downloads().contentHash();
    }

    @Override
    public List<String> labels() {
        return List.of();
    }

    @Override
    public Path directory() {
        return request.directory();
    }

    @Override
    public void write(Split split, Path file) throws IOException {
        try {
            says("Writing the data for " + split.name().toLowerCase(Locale.ROOT));
            if (split == Split.TRAIN) {
                InteractionFile.write(store, items, users, file, request.directory());
                return;
            }
            List<String> unseen = store.unseen(split, MOST_UNSEEN);
            int[] ranked = {0};
            try (BufferedWriter out = Files.newBufferedWriter(file)) {
                store.<IOException>asked(split, user -> {
                    write(user, out);
                    if (!user.known() && user.told()) {
                        writeCold(user, out);
                    }
                    if (!user.unseen().isEmpty() && user.known() && unseen.size() > 1 && ranked[0]++ < MOST_RANKED) {
                        writeUnseen(user, unseen, out);
                    }
                });
            }
        } catch (SQLException e) {
            throw ScratchDatabase.failed(e);
        }
    }

    /** A known user is asked for by id; of one whom no training saw the first few items are told, and the rest is right. */
    private static void write(Asked asked, BufferedWriter out) throws IOException {
        int told = asked.known()
                ? 0
                : Math.min(InteractionStore.SESSION, asked.items().size() - 1);
        if (told == 0 && !asked.known()) {
            return; // One item tells nothing of a user, or leaves nothing to find.
        }
        ObjectNode row = JSON.createObjectNode();
        ObjectNode input = row.putObject(SplitRow.INPUT);
        if (asked.known()) {
            input.put("user", asked.user());
        } else {
            ArrayNode items = input.putArray("items");
            asked.items().subList(0, told).forEach(items::add);
        }
        row.put(
                RecommendationScorer.GROUP,
                asked.known() ? RecommendationScorer.KNOWN_USERS : RecommendationScorer.NEW_USERS);
        ArrayNode relevant = row.putArray(RecommendationScorer.RELEVANT);
        asked.items().subList(told, asked.items().size()).forEach(relevant::add);
        out.write(row.toString());
        out.write('\n');
    }

    /** The same user, of whom no item is told. */
    private static void writeCold(Asked asked, BufferedWriter out) throws IOException {
        ObjectNode row = JSON.createObjectNode();
        row.putObject(SplitRow.INPUT).put("user", asked.user());
        row.put(RecommendationScorer.GROUP, RecommendationScorer.COLD_USERS);
        ArrayNode relevant = row.putArray(RecommendationScorer.RELEVANT);
        asked.items().forEach(relevant::add);
        out.write(row.toString());
        out.write('\n');
    }

    /** The same user, for whom items that nobody had are ranked among each other: content alone can. */
    private static void writeUnseen(Asked asked, List<String> unseen, BufferedWriter out) throws IOException {
        ObjectNode row = JSON.createObjectNode();
        row.putObject(SplitRow.INPUT).put("user", asked.user());
        ObjectNode parameters = row.putObject(SplitRow.PARAMETERS);
        ArrayNode among = parameters.putArray("among");
        unseen.forEach(among::add);
        parameters.put("top_k", unseen.size());
        row.put(RecommendationScorer.GROUP, RecommendationScorer.COLD_ITEMS);
        ArrayNode relevant = row.putArray(RecommendationScorer.RELEVANT);
        asked.unseen().forEach(relevant::add);
        out.write(row.toString());
        out.write('\n');
    }

    @Override
    public void close() throws IOException {
        try {
            database.close();
        } catch (SQLException e) {
            throw new IOException("The database of the scan could not be closed: " + e.getMessage(), e);
        }
    }
}
