package io.espalier.training.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.dataset.Split;
import io.espalier.training.data.DatasetFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class InteractionScanTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String HEADER = "user_id,item_id,rating,timestamp,split";

    @TempDir
    Path folder;

    private static DatasetFixture visits(String header, List<String> lines, Map<String, Object> hyperparameters) {
        return DatasetFixture.interactions()
                .file("visits.csv", DatasetFixture.csv(header, lines))
                .hyperparameters(hyperparameters);
    }

    private DatasetReport inspect(String header, List<String> lines) {
        return visits(header, lines, Map.of()).inspect(folder);
    }

    /** User and item of a line. */
    private static String pair(String line) {
        return line.substring(0, line.lastIndexOf(','));
    }

    private static List<String> pairs() {
        return Tastes.lines().stream().map(InteractionScanTest::pair).toList();
    }

    /** Good rows of five columns, and one more. */
    private DatasetReport with(String line) {
        List<String> lines = new ArrayList<>();
        Tastes.lines().forEach(good -> {
            String[] cells = good.split(",");
            lines.add("%s,%s,4,%s,train".formatted(cells[0], cells[1], cells[2]));
        });
        lines.add(line);
        return inspect(HEADER, lines);
    }

    @Nested
    class SayingWhatIsWrong {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "missing-user | ,t0-1,4,1700000000,",
                    "missing-user | '  ,t0-1,4,1700000000,'",
                    "missing-item | u001,,4,1700000000,",
                    "missing-item | 'u001,  ,4,1700000000,'",
                    "unknown-split | u001,t0-1,4,1700000000,holiday",
                    "wrong-column-count | u001,t0-1,4",
                    "wrong-column-count | u001,t0-1,4,1700000000,train,x,y",
                    "nul-byte | 'u0\u0000,t0-1,4,1700000000,'"
                })
        void leavesOutTheRowAndNamesIt(String code, String line) {
            DatasetReport report = with(line);

            Issue issue = DatasetFixture.issue(report, code).orElseThrow();
            assertThat(issue.severity()).isEqualTo(Severity.ROWS_LEFT_OUT);
            assertThat(issue.count()).isEqualTo(1);
            assertThat(issue.message()).startsWith("1 row ");
            assertThat(issue.examples().getFirst().row()).isEqualTo(report.rows() + 1);
            assertThat(issue.examples().getFirst().file()).isEqualTo("visits.csv");
            assertThat(report.trainable()).isTrue();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "invalid-value | u001,t0-1,four,1700000000,",
                    "invalid-value | u001,t0-1,NaN,1700000000,",
                    "invalid-value | u001,t0-1,1e999,1700000000,",
                    "invalid-value | 'u001,t0-1,\"4,5\",1700000000,'",
                    "invalid-time | u001,t0-1,4,yesterday,",
                    "invalid-time | u001,t0-1,4,2026-13-01,",
                    "invalid-time | u001,t0-1,4,2026-02-30T10:00:00,",
                    "invalid-time | u001,t0-1,4,1e30,",
                    "invalid-time | u001,t0-1,4,12:30,"
                })
        void keepsTheRowWithoutWhatCannotBeRead(String code, String line) {
            DatasetReport report = with(line);

            Issue issue = DatasetFixture.issue(report, code).orElseThrow();
            assertThat(issue.severity()).isEqualTo(Severity.WARNING);
            assertThat(issue.message()).startsWith("1 row has a ").endsWith("; it counts as none.");
            assertThat(issue.examples().getFirst().row()).isEqualTo(report.rows() + 1);
        }

        @Test
        void leavesOutIdsThatNobodyCouldMean() {
            assertThat(DatasetFixture.issue(with("u001," + "x".repeat(201) + ",4,1700000000,"), "oversized-id"))
                    .get()
                    .extracting(Issue::message)
                    .isEqualTo("1 row has an id of more than 200 characters and is left out.");
        }

        @Test
        void countsWhatComesAgainOnceAndSaysSo() {
            DatasetReport report = with("u001,t1-9,4,1700000000,");
            DatasetReport again = inspect(HEADER, List.of("a,b,1,1,", "a,b,2,2,", "a,b,3,3,"));

            assertThat(DatasetFixture.issue(again, "repeated-interaction"))
                    .get()
                    .extracting(Issue::count)
                    .isEqualTo(2L);
            assertThat(again.rowsUsed()).isEqualTo(1);
            assertThat(report.profile().duplicates()).isLessThan(40);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "too-few-rows | a,x;a,y;b,x",
                    "too-few-items | a,x;b,x;c,x;d,x;e,x;f,x;g,x;h,x;i,x;j,x;k,x;k,y",
                    "no-overlap | a,r;b,s;c,t;d,u;e,v;f,w;g,x;h,y;i,z;j,q;k,p",
                    "no-validation-rows | a,p;a,q;a,r;a,s;b,p;b,q;b,r;b,t;c,p;c,q;c,u;c,v"
                })
        void refusesWhatTeachesNothing(String code, String rows) {
            DatasetReport report = inspect("user,item", List.of(rows.split(";")));

            assertThat(report.trainable()).isFalse();
            assertThat(DatasetFixture.issue(report, code))
                    .get()
                    .extracting(Issue::severity)
                    .isEqualTo(Severity.ERROR);
        }

        @Test
        void asksForColumnsWhoseNamesSayNothing() {
            DatasetReport report = inspect("a,b,c", Tastes.lines());

            assertThat(report.trainable()).isFalse();
            assertThat(DatasetFixture.issue(report, "missing-column")).isPresent();
        }

        @Test
        void refusesASplitByTimeWithoutTimes() {
            DatasetReport report =
                    visits("user,item", pairs(), Map.of("split", "time")).inspect(folder);

            assertThat(DatasetFixture.issue(report, "no-time")).isPresent();
            assertThat(report.trainable()).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "user_id,item_id,timestamp\n"})
        void refusesFilesWithoutRows(String content) {
            DatasetReport report =
                    DatasetFixture.interactions().file("visits.csv", content).inspect(folder);

            assertThat(report.trainable()).isFalse();
            assertThat(report.issues()).isNotEmpty();
        }

        @Test
        void refusesFilesThatAreNoTable() {
            DatasetReport report = DatasetFixture.interactions()
                    .file("visits.csv", "%PDF-1.7 nothing here")
                    .inspect(folder);

            assertThat(DatasetFixture.issue(report, "unsupported-format")).isPresent();
        }
    }

    @Test
    void profilesUsersItemsAndTimes() {
        DatasetReport report = Tastes.dataset(Map.of()).inspect(folder);

        var interactions = report.profile().interactions();
        assertThat(interactions).isNotNull();
        assertThat(interactions.users()).isEqualTo(Tastes.USERS);
        assertThat(interactions.items()).isEqualTo(40);
        assertThat(interactions.density()).isBetween(0.1, 0.3);
        assertThat(interactions.activity()).containsKeys("2023-11", "2023-12");
        assertThat(interactions.activity().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(report.rowsUsed());
        assertThat(report.mapping().columnsByRole())
                .containsEntry("user", List.of("user_id"))
                .containsEntry("item", List.of("item_id"))
                .containsEntry("time", List.of("timestamp"))
                .doesNotContainKey("value");
    }

    @Nested
    class KnowingWhatItemsAre {
        private DatasetReport withItems(String name, String header, List<String> lines) {
            return Tastes.dataset(Map.of())
                    .file(name, DatasetFixture.csv(header, lines))
                    .inspect(folder);
        }

        private DatasetReport and(String line) {
            List<String> lines = new ArrayList<>(Tastes.items());
            lines.add(line);
            return withItems("things.csv", Tastes.ITEMS_HEADER, lines);
        }

        @Test
        void findsOutWhichFileItIsAndWhatItsColumnsSay() {
            DatasetReport report = Tastes.datasetWithItems(Map.of()).inspect(folder);

            var interactions = report.profile().interactions();
            assertThat(interactions).isNotNull();
            assertThat(interactions.attributes()).isNotNull();
            assertThat(interactions.attributes().known()).isEqualTo(44);
            assertThat(interactions.attributes().unseen()).isEqualTo(4);
            assertThat(interactions.attributes().missing()).isZero();
            assertThat(interactions.attributes().columns())
                    .isEqualTo(Map.of("name", "text", "kind", "categories", "price", "number", "since", "number"));
            assertThat(report.rows()).isEqualTo(Tastes.lines().size());
            assertThat(report.files()).hasSize(2);
            assertThat(report.mapping().columnsByRole())
                    .containsEntry("itemId", List.of("item_id"))
                    .containsEntry("itemAttributes", List.of("name", "kind", "price", "since"));
            assertThat(report.profile().missing()).containsKeys("user_id", "items.price");
            assertThat(report.trainable()).isTrue();
        }

        /** As the control plane writes them: before the other files in the order of names, and with nothing but the columns needed. */
        @Test
        void takesWhatAProductHasCollectedForMoreOfTheSame() {
            DatasetReport first = Tastes.datasetWithItems(Map.of()).inspect(folder);
            var mapping = first.mapping().columnsByRole();
            String collected = "{\"%s\":\"somebody new\",\"%s\":\"t0-1\",\"%s\":1767225600000}%n"
                    .formatted(
                            mapping.get("user").getFirst(),
                            mapping.get("item").getFirst(),
                            mapping.get("time").getFirst());

            DatasetReport next = DatasetFixture.interactions()
                    .file("interactions-0193.jsonl", collected)
                    .file("visits.csv", DatasetFixture.csv("user_id,item_id,timestamp", Tastes.lines()))
                    .file("things.csv", DatasetFixture.csv(Tastes.ITEMS_HEADER, Tastes.items()))
                    .mapping(first.mapping())
                    .inspect(folder);

            assertThat(next.trainable()).isTrue();
            assertThat(next.rows()).isEqualTo(first.rows() + 1);
            assertThat(next.rowsUsed()).isEqualTo(first.rowsUsed() + 1);
            assertThat(next.mapping()).isEqualTo(first.mapping());
            assertThat(next.profile().interactions().attributes().known()).isEqualTo(44);
        }

        @Test
        void takesTheMappingThatWasInForceOnceMore() {
            DatasetReport first = Tastes.datasetWithItems(Map.of()).inspect(folder);

            DatasetReport again = DatasetFixture.interactions()
                    .file("b.csv", DatasetFixture.csv(Tastes.ITEMS_HEADER, Tastes.items()))
                    .file("a.csv", DatasetFixture.csv("user_id,item_id,timestamp", Tastes.lines()))
                    .mapping(first.mapping())
                    .inspect(folder);

            assertThat(again.mapping()).isEqualTo(first.mapping());
            assertThat(again.rowsUsed()).isEqualTo(first.rowsUsed());
            assertThat(again.trainable()).isTrue();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "missing-item-id | ,a name,books,1,2026-01-01",
                    "missing-item-id | '  ,a name,books,1,2026-01-01'",
                    "repeated-item | t0-1,a name,books,1,2026-01-01",
                    "wrong-column-count | t9-1,a name",
                    "nul-byte | 't9-1,a\u0000name,books,1,2026-01-01'"
                })
        void leavesOutTheRowAndNamesIt(String code, String line) {
            DatasetReport report = and(line);

            Issue issue = DatasetFixture.issue(report, code).orElseThrow();
            assertThat(issue.severity()).isEqualTo(Severity.ROWS_LEFT_OUT);
            assertThat(issue.count()).isEqualTo(1);
            assertThat(issue.examples().getFirst().row())
                    .isEqualTo(Tastes.items().size() + 2L);
            assertThat(issue.examples().getFirst().file()).isEqualTo("things.csv");
            assertThat(report.trainable()).isTrue();
        }

        @Test
        void leavesOutIdsThatNobodyCouldMean() {
            assertThat(DatasetFixture.issue(and("x".repeat(201) + ",a,books,1,2026-01-01"), "oversized-id"))
                    .isPresent();
        }

        @Test
        void countsItemsOfWhichNothingIsSaid() {
            DatasetReport report =
                    withItems("things.csv", Tastes.ITEMS_HEADER, Tastes.items().subList(0, 11));

            assertThat(report.profile().interactions().attributes().missing()).isEqualTo(30);
            assertThat(report.trainable()).isTrue();
        }

        @Test
        void asksForTheIdOfAFileThatIsNamedAfterTheTable() {
            DatasetReport report = withItems("items.csv", "a,b", List.of("x,y", "z,w"));

            assertThat(report.trainable()).isFalse();
            assertThat(DatasetFixture.issue(report, "missing-column"))
                    .get()
                    .extracting(issue -> issue.examples().getFirst().file())
                    .isEqualTo("items.csv");
        }

        @Test
        void asksForInteractionsWhereThereAreItemsAlone() {
            DatasetReport report = DatasetFixture.interactions()
                    .file("things.csv", DatasetFixture.csv(Tastes.ITEMS_HEADER, Tastes.items()))
                    .inspect(folder);

            assertThat(report.trainable()).isFalse();
            assertThat(DatasetFixture.issue(report, "missing-column"))
                    .get()
                    .extracting(Issue::message)
                    .asString()
                    .startsWith("It is not clear which column holds the user");
        }

        @Test
        void takesNoCustomersForItems() {
            DatasetReport report = withItems("customers.csv", "id,age", List.of("u001,20", "u002,30"));

            // What the ids are of, only the file's name could tell.
            assertThat(DatasetFixture.issue(report, "missing-column"))
                    .get()
                    .extracting(issue -> issue.examples().getFirst().file())
                    .isEqualTo("customers.csv");
        }

        @Test
        void goesByItsNameWhateverSplitItsUploadNamed() {
            DatasetReport report = DatasetFixture.interactions()
                    .file("visits.csv", Split.TRAIN, DatasetFixture.csv("user_id,item_id,timestamp", Tastes.lines()))
                    .file("items.csv", Split.TRAIN, DatasetFixture.csv(Tastes.ITEMS_HEADER, Tastes.items()))
                    .inspect(folder);

            assertThat(report.trainable()).isTrue();
            assertThat(report.profile().interactions().attributes().known()).isEqualTo(44);
        }

        @Test
        void findsInteractionsByWordsWhereNoOtherFileHoldsAny() {
            DatasetReport report = DatasetFixture.interactions()
                    .file("items.csv", DatasetFixture.csv(Tastes.ITEMS_HEADER, Tastes.items()))
                    .file("visits.csv", DatasetFixture.csv("user_id,product_code,timestamp", Tastes.lines()))
                    .inspect(folder);

            assertThat(report.mapping().columnsByRole()).containsEntry("item", List.of("product_code"));
            assertThat(report.profile().interactions().attributes().known()).isEqualTo(44);
            assertThat(report.trainable()).isTrue();
        }

        @Test
        void leavesOutRowsWithAnEmptyListWhereATextBelongs() {
            DatasetReport report = DatasetFixture.interactions()
                    .file(
                            "visits.jsonl",
                            Tastes.lines().stream()
                                            .map(line -> "{\"user_id\": \"%s\", \"item_id\": \"%s\", \"timestamp\": %s}"
                                                    .formatted((Object[]) line.split(",")))
                                            .collect(Collectors.joining("\n"))
                                    + "\n{\"user_id\": \"u001\", \"item_id\": [], \"timestamp\": 1}\n")
                    .inspect(folder);

            assertThat(DatasetFixture.issue(report, "nested-value"))
                    .get()
                    .extracting(Issue::count)
                    .isEqualTo(1L);
        }

        @Test
        void believesFilesBeforeWhatWasToldLater() {
            DatasetReport report = Tastes.dataset(Map.of())
                    .file("movies.csv", DatasetFixture.csv(Tastes.ITEMS_HEADER, Tastes.items()))
                    .told("items.0199.jsonl", """
                            {"item_id": "t0-1", "name": null, "kind": "odd", "price": "9"}
                            {"item_id": "told", "name": "A lamp", "kind": "odd", "price": "9"}
                            """)
                    .inspect(folder);

            assertThat(report.trainable()).isTrue();
            Issue repeated = DatasetFixture.issue(report, "repeated-item").orElseThrow();
            assertThat(repeated.count()).isEqualTo(1);
            assertThat(repeated.examples().getFirst().file()).isEqualTo("items.0199.jsonl");
            assertThat(report.issues()).extracting(Issue::code).doesNotContain("extra-column", "unexpected-field");
        }

        @Test
        void takesListsForCategoriesAndDoesWithoutObjects() {
            DatasetReport report =
                    Tastes.dataset(Map.of()).file("items.jsonl", """
                            {"item_id": "t0-1", "genres": ["a", "b"], "price": 3}
                            {"item_id": "t0-2", "genres": ["b"], "price": 4}
                            {"item_id": "t0-3", "genres": ["b", "a", 3, null], "price": 4}
                            {"item_id": "t0-4", "genres": [], "price": 5}
                            {"item_id": "t0-5", "genres": null, "price": 5}
                            {"item_id": "t0-6", "genres": {"a": 1}, "price": 5}
                            {"item_id": "t0-7", "genres": ["a|b"], "price": 5}
                            {"item_id": "t0-8", "genres": [["a"]], "price": 5}
                            """).inspect(folder);

            assertThat(DatasetFixture.issue(report, "nested-attribute"))
                    .get()
                    .extracting(Issue::count)
                    .isEqualTo(3L);
            var attributes = report.profile().interactions().attributes();
            assertThat(attributes.known()).isEqualTo(8);
            assertThat(attributes.columns()).containsEntry("genres", "categories");
        }

        @Test
        void warnsOfFilesThatSayNothing() {
            DatasetReport report = withItems("items.csv", "item_id", List.of("t0-1", "new"));

            assertThat(DatasetFixture.issue(report, "nothing-said")).isPresent();
            assertThat(report.profile().interactions().attributes()).isNull();
            assertThat(report.trainable()).isTrue();
        }

        @Test
        void refusesASplitByItemsOfWhichNothingIsSaid() {
            DatasetReport report = Tastes.dataset(Map.of("split", "new-items")).inspect(folder);

            assertThat(DatasetFixture.issue(report, "no-attributes")).isPresent();
            assertThat(report.trainable()).isFalse();
        }
    }

    @Nested
    class KnowingWhoUsersAre {
        private DatasetReport withTies(String line) {
            return Tastes.dataset(Map.of())
                    .file("friends.csv", DatasetFixture.csv("user_id,friend_id", List.of("u001,u002", line)))
                    .inspect(folder);
        }

        @Test
        void countsThemAndTheirTies() {
            DatasetReport report = Tastes.datasetWithUsers(Map.of()).inspect(folder);

            var interactions = report.profile().interactions();
            assertThat(interactions).isNotNull();
            assertThat(interactions.userAttributes()).isNotNull();
            assertThat(interactions.userAttributes().known()).isEqualTo(Tastes.USERS + 4);
            assertThat(interactions.userAttributes().unseen()).isEqualTo(4);
            assertThat(interactions.userAttributes().columns())
                    .isEqualTo(Map.of("hobby", "categories", "age", "number"));
            assertThat(interactions.ties()).isEqualTo(3);
            assertThat(interactions.users()).isEqualTo(Tastes.USERS);
            assertThat(interactions.attributes()).isNull();
            assertThat(report.mapping().columnsByRole())
                    .containsEntry("userId", List.of("user_id"))
                    .containsEntry("tieFrom", List.of("user_id"))
                    .containsEntry("tieTo", List.of("friend_id"));
            assertThat(report.trainable()).isTrue();
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "missing-tie | u001,",
                    "missing-tie | ,u001",
                    "tie-to-oneself | u001,u001",
                    "wrong-column-count | u001",
                    "nul-byte | 'u0\u0000,u001'"
                })
        void leavesOutTiesThatAreNone(String code, String line) {
            DatasetReport report = withTies(line);

            Issue issue = DatasetFixture.issue(report, code).orElseThrow();
            assertThat(issue.severity()).isEqualTo(Severity.ROWS_LEFT_OUT);
            assertThat(issue.examples().getFirst().file()).isEqualTo("friends.csv");
            assertThat(issue.examples().getFirst().row()).isEqualTo(3);
            assertThat(report.profile().interactions().ties()).isEqualTo(1);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {"missing-user-id | ,books,20", "repeated-user | u001,books,20"})
        void leavesOutRowsAboutNobodyAndAboutTheSame(String code, String line) {
            List<String> lines = new ArrayList<>(Tastes.users());
            lines.add(line);

            DatasetReport report = Tastes.dataset(Map.of())
                    .file("users.csv", DatasetFixture.csv(Tastes.USERS_HEADER, lines))
                    .inspect(folder);

            assertThat(DatasetFixture.issue(report, code))
                    .get()
                    .extracting(Issue::count)
                    .isEqualTo(1L);
            assertThat(report.trainable()).isTrue();
        }
    }

    @Nested
    class Splitting {
        private List<JsonNode> rows(Map<String, Object> hyperparameters, Split split) throws IOException {
            Tastes.write(folder, hyperparameters);
            return Files.readAllLines(folder.resolve("splits").resolve(split.name())).stream()
                    .map(JSON::readTree)
                    .toList();
        }

        @Test
        void byTimeTestsOnTheNewest() throws IOException {
            DatasetReport report = Tastes.dataset(Map.of()).inspect(folder);

            assertThat(report.rowsBySplit().get(Split.TEST))
                    .isCloseTo(report.rowsUsed() / 5, org.assertj.core.data.Offset.offset(3L));
            // The lines are in the order of their times, user by user.
            assertThat(rows(Map.of(), Split.TEST))
                    .extracting(row -> row.get("group").asString())
                    .contains("NewUsers");
        }

        @Test
        void isByUserWhereHardlyAnythingSaysWhen() throws IOException {
            List<String> lines = new ArrayList<>(Tastes.lines());
            lines.replaceAll(line -> lines.indexOf(line) < 20 ? line : pair(line) + ",some day");

            assertThat(inspect("user,item,time", lines).rowsBySplit().get(Split.TEST))
                    .isGreaterThan(100);
        }

        @Test
        void byUserHoldsOutSomeOfEverybodysAndAtRandom() throws IOException {
            List<JsonNode> rows = rows(Map.of("split", "user"), Split.TEST);

            assertThat(rows).hasSizeGreaterThan(Tastes.USERS * 9 / 10);
            assertThat(rows).allSatisfy(row -> {
                assertThat(row.get("group").asString()).isEqualTo("KnownUsers");
                assertThat(row.at("/input/user").asString()).startsWith("u");
                assertThat(row.get("relevant").size()).isBetween(1, 3);
            });
            Set<String> items = new HashSet<>();
            rows.forEach(row -> row.get("relevant").forEach(item -> items.add(item.asString())));
            // Were it by the items, the same few would be held out of everybody's.
            assertThat(items).hasSizeGreaterThan(30);
        }

        @Test
        void byUsersTellsFiveItemsOfThoseWhoCameLast() throws IOException {
            List<JsonNode> rows = rows(Map.of("split", "new-users"), Split.TEST);

            assertThat(rows).allSatisfy(row -> {
                assertThat(row.get("group").asString()).isEqualTo("NewUsers");
                assertThat(row.at("/input/items").size()).isBetween(1, 5);
                assertThat(row.get("relevant").size()).isPositive();
            });
            // Users come one after the other.
            assertThat(rows.stream().map(InteractionScanTest::toldAndRelevant))
                    .containsExactlyInAnyOrderElementsOf(historiesFrom(Tastes.USERS - Tastes.USERS / 10));
        }

        @Test
        void byUsersTakesValidationFromThoseWhoAreNotTheTest() {
            List<String> lines = Tastes.lines().stream()
                    .map(line -> line + (line.compareTo("u108") >= 0 ? ",test" : ","))
                    .toList();

            DatasetReport report = visits("user,item,time,split", lines, Map.of("split", "new-users"))
                    .inspect(folder);

            assertThat(report.trainable()).isTrue();
            assertThat(report.rowsBySplit().get(Split.VALIDATION)).isGreaterThan(50);
        }

        @Test
        void byUsersDrawsThemWhereNothingSaysWhenTheyCame() throws IOException {
            Path splits = Files.createDirectories(folder.resolve("splits"));
            visits("user,item", pairs(), Map.of("split", "new-users")).write(folder.resolve("work"), splits);

            List<Set<String>> drawn = Files.readAllLines(splits.resolve("TEST")).stream()
                    .map(JSON::readTree)
                    .map(InteractionScanTest::toldAndRelevant)
                    .collect(Collectors.toCollection(ArrayList::new));
            assertThat(drawn).hasSize(Tastes.USERS / 10);
            drawn.removeAll(historiesFrom(Tastes.USERS - Tastes.USERS / 10));
            assertThat(drawn).hasSizeGreaterThan(Tastes.USERS / 20);
        }

        @Test
        void byItemsRanksThemAmongEachOther() throws IOException {
            Path splits = Files.createDirectories(folder.resolve("splits"));
            Tastes.datasetWithItems(Map.of("split", "new-items")).write(folder.resolve("work"), splits);

            List<JsonNode> rows = Files.readAllLines(splits.resolve("TEST")).stream()
                    .map(JSON::readTree)
                    .filter(row -> row.get("group").asString().equals("ColdItems"))
                    .toList();

            assertThat(rows).isNotEmpty().allSatisfy(row -> {
                assertThat(row.at("/parameters/among").size()).isEqualTo(4);
                assertThat(row.at("/parameters/top_k").asInt()).isEqualTo(4);
                assertThat(row.get("relevant").size()).isBetween(1, 4);
            });
        }

        @Test
        void keepsTheTestThatTheUserGave() {
            List<String> lines = new ArrayList<>(
                    Tastes.lines().stream().map(line -> line + ",").toList());
            lines.add("u001,t3-9,1700000000,test");
            lines.add("u001,t3-9,1700000000,train");

            DatasetReport report = inspect("user,item,time,split", lines);

            assertThat(report.rowsBySplit()).containsEntry(Split.TEST, 1L);
            assertThat(DatasetFixture.issue(report, "train-row-in-test")).isPresent();
        }

        @Test
        void leavesOutSmallValues() {
            List<String> lines = Tastes.lines().stream()
                    .map(line -> pair(line) + (line.hashCode() % 2 == 0 ? ",5" : ",1"))
                    .toList();

            DatasetReport report = visits("user,item,rating", lines, Map.of("smallestValue", 3.0))
                    .inspect(folder);

            Issue issue = DatasetFixture.issue(report, "small-value").orElseThrow();
            assertThat(issue.count() + report.rowsUsed())
                    .isEqualTo(report.rows() - report.profile().duplicates());
            assertThat(issue.examples().getFirst().column()).isEqualTo("rating");
            assertThat(issue.examples().getFirst().value()).isEqualTo("1");
        }

        /** Every third one is a purchase, what is left a view, but for a first one of which nothing is said. */
        private DatasetFixture ofTypes(Map<String, Object> hyperparameters) {
            List<String> lines = new ArrayList<>();
            Tastes.lines()
                    .forEach(line ->
                            lines.add(line + (lines.isEmpty() ? "," : lines.size() % 3 == 0 ? ",purchase" : ",view")));
            return visits("user,item,time,event_type", lines, hyperparameters);
        }

        @Test
        void leavesOutOtherTypes() {
            DatasetReport all = ofTypes(Map.of()).inspect(folder.resolve("all"));
            DatasetReport purchases =
                    ofTypes(Map.of("types", List.of("purchase"))).inspect(folder);

            Map<String, Long> types = all.profile().interactions().types();
            assertThat(types).containsOnlyKeys("view", "purchase");
            assertThat(types.keySet()).first().isEqualTo("view");
            Issue issue = DatasetFixture.issue(purchases, "other-type").orElseThrow();
            assertThat(issue.count())
                    .isEqualTo(purchases.rows() - types.get("purchase"))
                    .isEqualTo(types.get("view") + 1);
            assertThat(issue.examples().getFirst().column()).isEqualTo("event_type");
            assertThat(purchases.rowsUsed() + purchases.profile().duplicates()).isEqualTo(types.get("purchase"));
            assertThat(ofTypes(Map.of("types", List.of("view", "purchase")))
                            .inspect(folder.resolve("both"))
                            .rowsUsed())
                    .isCloseTo(all.rowsUsed(), org.assertj.core.data.Offset.offset(1L));
        }

        @Test
        void namesTheTypesThatThereAreForOneThatIsNot() {
            DatasetReport report =
                    ofTypes(Map.of("types", List.of("purchas", "view"))).inspect(folder);

            assertThat(report.trainable()).isFalse();
            assertThat(DatasetFixture.issue(report, "unknown-type")
                            .orElseThrow()
                            .message())
                    .contains("the type purchas,")
                    .endsWith("view, purchase.");
        }

        @Test
        void missesATypeAmongManyOthersToo() {
            List<String> lines = new ArrayList<>();
            Tastes.lines().forEach(line -> lines.add(line + ",kind " + lines.size()));
            lines.add("u001,t1-1,1800000000,rare");

            DatasetReport report = visits(
                            "user,item,time,type", lines, Map.of("types", List.of("rare", "kind 1", "unheard of")))
                    .inspect(folder);

            assertThat(DatasetFixture.issue(report, "unknown-type")
                            .orElseThrow()
                            .message())
                    .contains("the type unheard of,")
                    .hasSizeLessThan(500);
            assertThat(report.profile().interactions().types()).hasSize(101).containsEntry("rare", 1L);
        }

        @Test
        void asksForATimeOfWhatCounts() {
            List<String> lines = Tastes.lines().stream()
                    .map(line -> line.hashCode() % 2 == 0 ? line + ",view" : pair(line) + ",,purchase")
                    .toList();

            DatasetReport report = visits(
                            "user,item,time,type", lines, Map.of("types", List.of("purchase"), "split", "time"))
                    .inspect(folder);

            assertThat(DatasetFixture.issue(report, "no-time")).isPresent();
        }

        @Test
        void saysThatThereAreNoTypes() {
            DatasetReport report = Tastes.dataset(Map.of("types", "view")).inspect(folder);

            assertThat(DatasetFixture.issue(report, "unknown-type")
                            .orElseThrow()
                            .message())
                    .endsWith("and none has a type.");
        }

        @Test
        void givesTheSameForRowsInAnotherOrder() throws IOException {
            List<String> lines = new ArrayList<>(Tastes.lines());
            java.util.Collections.reverse(lines);
            Path other = Files.createDirectories(folder.resolve("other"));

            Path first = Tastes.write(folder, Map.of("split", "user")).train();
            visits("user_id,item_id,timestamp", lines, Map.of("split", "user")).write(folder.resolve("work"), other);

            assertThat(other.resolve("TRAIN")).hasSameBinaryContentAs(first);
            assertThat(other.resolve("TEST")).hasSameBinaryContentAs(folder.resolve("splits/TEST"));
        }
    }

    private static Set<String> toldAndRelevant(JsonNode row) {
        Set<String> items = new HashSet<>();
        row.at("/input/items").forEach(item -> items.add(item.asString()));
        row.get("relevant").forEach(item -> items.add(item.asString()));
        return items;
    }

    /** What each user from this one on took. */
    private static List<Set<String>> historiesFrom(int user) {
        Map<String, Set<String>> histories = new TreeMap<>();
        for (String line : Tastes.lines()) {
            String[] cells = line.split(",");
            if (cells[0].compareTo("u%03d".formatted(user)) >= 0) {
                histories.computeIfAbsent(cells[0], _ -> new HashSet<>()).add(cells[1]);
            }
        }
        return List.copyOf(histories.values());
    }
}
