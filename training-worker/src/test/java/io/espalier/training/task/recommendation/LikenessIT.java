package io.espalier.training.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.modelkit.evaluation.Evaluator;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.RecentEvents;
import io.espalier.modelkit.task.recommendation.RecommendationKit;
import io.espalier.modelkit.task.recommendation.Recommendations;
import io.espalier.training.catalog.BaseModels;
import io.espalier.training.data.DatasetFixture;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.recommendation.RecommendationFitIT.Fitted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class LikenessIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String NEW_ITEMS = "'among': ['t0-new', 't1-new', 't2-new', 't3-new']";

    @TempDir
    static Path shared;

    private static TrainingFiles files;
    private static Fitted ease;
    private static Predictor predictor;

    @BeforeAll
    static void fitOnce() throws IOException {
        files = Tastes.write(shared, Tastes.datasetWithItems(Map.of("split", "user")), null);
        ease = RecommendationFitIT.fit(files, shared.resolve("ease"), Map.of("recipe", "ease", "easeL2", 100.0), null);
        predictor = RecommendationKit.predictor(ease.bundle());
    }

    @AfterAll
    static void close() {
        predictor.close();
    }

    private static List<String> ask(Predictor predictor, String input, String parameters) {
        return answer(predictor, input, parameters).items();
    }

    private static Recommendations answer(Predictor predictor, String input, String parameters) {
        var prepared = predictor.prepare(
                JSON.readTree(input.replace('\'', '"')),
                Parameters.of(JSON.readTree(parameters.replace('\'', '"')), "parameters."),
                "inputs");
        return (Recommendations) predictor.predict(List.of(prepared)).getFirst();
    }

    private static List<String> ask(String input, String parameters) {
        return ask(predictor, input, parameters);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void ranksWhatNobodyHadByWhatItIs(int taste) {
        String session = "{'items': ['t%1$d-1', 't%1$d-4', 't%1$d-7']}".formatted(taste);

        assertThat(ask(session, "{" + NEW_ITEMS + "}").getFirst()).isEqualTo("t%d-new".formatted(taste));
        // Among all, it stands with its like.
        assertThat(ask(session, "{'top_k': 10}")).contains("t%d-new".formatted(taste));
    }

    @Test
    void findsWhatIsLikeAnItemThatNobodyHad() {
        assertThat(ask("{'similar_to': 't2-new'}", "{'top_k': 5}"))
                .doesNotContain("t2-new")
                .allMatch(item -> Tastes.tasteOf(item) == 2);
        assertThat(ask("{'items': ['t3-new']}", "{'top_k': 5}")).allMatch(item -> Tastes.tasteOf(item) == 3);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'kind': 'kitchen'} | t2-0 t2-2 t2-3 t2-4 t2-5 t2-6 t2-7 t2-8 t2-9 t2-new",
                "{'kind': ['books', 'kitchen'], 'price': {'max': 1}} | t0-0 t2-0",
                "{'kind': ['sports', 'nothing'], 'price': 3.5} | t3-3",
                "{'price': [3.5, 4.5], 'kind': 'odd'} | t0-3 t1-3 t2-3 t3-3",
                "{'since': {'min': '2026-02-15', 'max': '2026-03-01'}, 'price': {'min': 9.5}} | t2-9 t2-new",
                "{'kind': {'not': ['books', 'kitchen', 'odd']}, 'price': {'max': 5}} | t1-0 t1-2 t1-4 t3-0 t3-2 t3-4",
                "{'kind': {'not': 'nothing'}, 'price': {'max': 3, 'not': [0.5, 2.5]}} | t0-1 t1-1 t3-1",
                "{'price': {'not': [0.5, 1.5, 2.5, 3.5, 4.5, 5.5]}, 'kind': 'books'} | t0-6 t0-7 t0-8 t0-9 t0-new",
                "{'kind': 'nothing'} | ''",
                "{} | all"
            })
    void answersWithWhatTheFilterLetsThrough(String filter, String wanted) {
        List<String> found = ask("{'items': ['t2-1']}", "{'top_k': 100, 'filter': %s}".formatted(filter));

        if (wanted.equals("all")) {
            assertThat(found).hasSize(43);
        } else {
            assertThat(found).containsExactlyInAnyOrder(wanted.isEmpty() ? new String[0] : wanted.split(" "));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'filter': 'books'} | parameters.filter: must be an object of columns and what they must be",
                "{'filter': {'Kind': 'books'}} | parameters.filter.Kind: is no column that items can be chosen by; there are kind, price, since",
                "{'filter': {'name': 'x'}} | parameters.filter.name: is no column that items can be chosen by; there are kind, price, since",
                "{'filter': {'kind': {'min': 1}}} | parameters.filter.kind.min: is not known; a column of categories knows only not",
                "{'filter': {'kind': {}}} | parameters.filter.kind: must be a value or a list of values",
                "{'filter': {'kind': {'not': {'not': 'books'}}}} | parameters.filter.kind.not: must be a value or a list of values",
                "{'filter': {'price': {'not': 'cheap'}}} | parameters.filter.price.not: must be a number or a list of numbers",
                "{'filter': {'kind': [['books']]}} | parameters.filter.kind: must be a value or a list of values",
                "{'filter': {'price': 'cheap'}} | parameters.filter.price: must be a number or a list of numbers",
                "{'filter': {'price': {'least': 1}}} | parameters.filter.price.least: is not known; known are min, max and not",
                "{'filter': {'price': {'min': 'low'}}} | parameters.filter.price.min: must be a number, or a date",
                "{'diversity': -1} | parameters.diversity: must be a number from 0 to 1"
            })
    void saysWhatIsWrongWithAFilter(String parameters, String message) {
        assertThatThrownBy(() -> ask("{'items': ['t2-1']}", parameters))
                .isInstanceOf(ProblemException.class)
                .hasMessage(message);
    }

    @Test
    void mixesWhatIsAlikeWithOthersWhereDiversityIsWanted() {
        String session = "{'items': ['t2-1', 't2-5']}";

        List<String> same = ask(session, "{'top_k': 5}");
        List<String> mixed = ask(session, "{'top_k': 5, 'diversity': 0.7}");

        assertThat(same).allMatch(item -> Tastes.tasteOf(item) == 2);
        assertThat(mixed).startsWith(same.getFirst()).hasSize(5).doesNotHaveDuplicates();
        assertThat(mixed.stream().map(Tastes::tasteOf).distinct().count()).isGreaterThan(2);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    @Timeout(30)
    void ranksWhatArrivesAsIfTheTrainingHadKnownIt(int taste) throws InterruptedException {
        RecentEvents events = new RecommendationKit().recentEvents().orElseThrow();
        String twin = Tastes.items().stream()
                .filter(line -> line.startsWith("t%d-new,".formatted(taste)))
                .findFirst()
                .orElseThrow();
        try (Predictor following = RecommendationKit.predictor(ease.bundle())) {
            following.follow(events);
            events.add(1, "items", arrived("arrived", twin));
            events.add(2, "items", arrived("t0-1", twin));
            events.add(
                    3, "items", JSON.readTree("{\"itemId\": \"unsaid\", \"itemAttributes\": {\"colour\": \"red\"}}"));
            while (!events.pending().isEmpty()) {
                Thread.sleep(5);
            }

            String session = "{'items': ['t%1$d-1', 't%1$d-4', 't%1$d-7']}".formatted(taste);
            Recommendations both = answer(following, session, "{'top_k': 50}");
            int place = both.items().indexOf("t%d-new".formatted(taste));
            assertThat(both.items().get(place + 1)).isEqualTo("arrived");
            assertThat(both.scores()[place + 1]).isCloseTo(both.scores()[place], within(1e-5f));
            assertThat(both.items()).doesNotContain("unsaid").doesNotHaveDuplicates();
            // It is chosen, left out, hidden and said like any other, and what it is like speaks for it.
            String kind = "{'top_k': 50, 'filter': {'price': {'max': 1000}, 'kind': '%s'}}".formatted(kindOf(twin));
            assertThat(ask(following, session, kind)).contains("arrived");
            assertThat(ask(following, session, "{'among': ['arrived', 't0-2']}"))
                    .contains("arrived");
            assertThat(ask(following, session, "{'top_k': 50, 'exclude': ['arrived']}"))
                    .doesNotContain("arrived");
            String others = "{'top_k': 50, 'exclude': ['arrived', 't%d-new']}".formatted(taste);
            assertThat(ask(following, "{'items': ['arrived']}", others))
                    .isEqualTo(ask(following, "{'items': ['t%d-new']}".formatted(taste), others));
            assertThat(ask(following, session, "{'top_k': 5, 'diversity': 0.5, 'reasons': true}"))
                    .hasSize(5);
        }
        assertThat(ask(predictor, "{'items': ['t0-1']}", "{'top_k': 50}")).doesNotContain("arrived");
    }

    private static String kindOf(String item) {
        return item.split(",")[2].split("[|;]")[0].strip();
    }

    /** @param line of the file of items, of which the id is another */
    private static JsonNode arrived(String id, String line) {
        String[] cells = line.split(",");
        ObjectNode event = JSON.createObjectNode().put("itemId", id);
        ObjectNode attributes = event.putObject("itemAttributes");
        List<String> columns = List.of("name", "kind", "price", "since");
        for (int i = 0; i < columns.size(); i++) {
            attributes.put(columns.get(i), cells[1 + i]);
        }
        return event;
    }

    @Test
    void staysWithinBoundsWhereASessionIsOfWhatNobodyHad() {
        String unseen = "'t0-new', 't1-new', 't2-new', 't3-new'";
        var prepared = predictor.prepare(
                JSON.readTree("{'items': [%s, 't2-1']}".formatted(unseen).replace('\'', '"')),
                Parameters.NONE,
                "inputs");

        // Each speaks through what is like it, and all of it together counts once an item: by itself it would be four
        // steps of length.
        assertThat(prepared.length()).isLessThan(3);
        assertThat(ask("{'items': [%s, 't2-1']}".formatted(unseen), "{'top_k': 3}"))
                .doesNotContain("t2-1", "t2-new");
    }

    @Test
    void recommendsByContentAlone() throws IOException {
        Fitted content = RecommendationFitIT.fit(files, shared.resolve("content"), Map.of("recipe", "content"), null);

        assertThat(content.fitted().hyperparameters().values()).containsEntry("recipe", "content");
        try (Predictor byContent = RecommendationKit.predictor(content.bundle())) {
            assertThat(ask(byContent, "{'items': ['t1-2', 't1-3']}", "{'top_k': 8}"))
                    .allMatch(item -> Tastes.tasteOf(item) == 1);
        }
    }

    @Test
    void measuresItemsThatNoTrainingSaw() throws IOException {
        Path folder = Files.createDirectories(shared.resolve("new-items"));
        TrainingFiles heldOut = Tastes.write(folder, Tastes.datasetWithItems(Map.of("split", "new-items")), null);
        Fitted fitted = RecommendationFitIT.fit(
                heldOut, folder.resolve("fit"), Map.of("recipe", "ease", "easeL2", 100.0), null);

        Map<String, Double> metrics;
        try (Predictor measured = RecommendationKit.predictor(fitted.bundle())) {
            metrics = new Evaluator(2)
                    .evaluate(measured, RecommendationKit.scorer(fitted.bundle()), folder.resolve("splits/TEST"), null)
                    .metrics();
        }

        assertThat(metrics.get("aucColdItems")).isGreaterThan(0.8);
        assertThat(metrics).containsKeys("ndcgAt10ColdItems", "ndcgAt10KnownUsers");
        assertThat(metrics.get("intraListDiversityAt10")).isBetween(0.05, 1.5);
    }

    @Test
    void goesOnToTheSameFiles() throws IOException {
        Fitted resumed = RecommendationFitIT.fit(
                files,
                shared.resolve("resumed"),
                Map.of("recipe", "ease", "easeL2", 100.0),
                ease.kept().getFirst());

        assertThat(resumed.sha256()).isEqualTo(ease.sha256());
        for (String file : List.of(RecommendationKit.VECTORS_ENTRY, RecommendationKit.LIKES_ENTRY)) {
            assertThat(resumed.bundle().resolve(file))
                    .hasSameBinaryContentAs(ease.bundle().resolve(file));
        }
    }

    @Test
    void recommendsToUsersWithoutAHistoryWhatThoseLikeThemHad() throws IOException {
        Path folder = Files.createDirectories(shared.resolve("users"));
        TrainingFiles told = Tastes.write(folder, Tastes.datasetWithUsers(Map.of("split", "user")), null);
        Fitted fitted =
                RecommendationFitIT.fit(told, folder.resolve("fit"), Map.of("recipe", "ease", "easeL2", 100.0), null);

        try (Predictor personal = RecommendationKit.predictor(fitted.bundle())) {
            for (int taste = 0; taste < 3; taste++) {
                int own = taste;
                assertThat(ask(personal, "{'user': 'new-%d'}".formatted(taste), "{'top_k': 5}"))
                        .allMatch(item -> Tastes.tasteOf(item) == own);
            }
            // Ties say more than a profile.
            assertThat(ask(personal, "{'user': 'new-3'}", "{'top_k': 3}")).anyMatch(item -> Tastes.tasteOf(item) == 2);
            assertThat(ask(personal, "{'user': 'tied'}", "{'top_k': 3}")).anyMatch(item -> Tastes.tasteOf(item) == 1);
            // What a session tells, and what popularity does, stay as they were.
            assertThat(ask(personal, "{'user': 'new-1', 'items': ['t2-1', 't2-3', 't2-5']}", "{'top_k': 5}"))
                    .allMatch(item -> Tastes.tasteOf(item) == 2);
            assertThat(ask(personal, "{'user': 'nobody'}", "{}")).isEqualTo(ask(personal, "{'items': []}", "{}"));
        }
    }

    @Test
    void measuresUsersOfWhomNothingElseIsKnown() throws IOException {
        Path folder = Files.createDirectories(shared.resolve("cold-users"));
        TrainingFiles told = Tastes.write(folder, Tastes.datasetWithUsers(Map.of("split", "new-users")), null);
        Fitted fitted = RecommendationFitIT.fit(told, folder.resolve("fit"), Map.of("recipe", "popularity"), null);

        Map<String, Double> metrics;
        try (Predictor measured = RecommendationKit.predictor(fitted.bundle())) {
            metrics = new Evaluator(2)
                    .evaluate(measured, RecommendationKit.scorer(fitted.bundle()), folder.resolve("splits/TEST"), null)
                    .metrics();
        }

        assertThat(metrics.get("ndcgAt10ColdUsers")).isGreaterThan(0.7);
        assertThat(metrics.get("ndcgAt10")).isLessThan(0.5);
    }

    @Test
    void readsTextsWhereThereIsAnEncoder() throws IOException {
        Path folder = Files.createDirectories(shared.resolve("texts"));
        Path baseModel = Files.createDirectories(folder.resolve("base-model"));
        BaseModels.write("all-MiniLM-L6-v2", baseModel);
        // Names alone tell these apart.
        List<String> names = Tastes.items().stream()
                .map(line -> line.substring(0, line.indexOf(',', line.indexOf(',') + 1)))
                .toList();
        TrainingFiles named = Tastes.write(
                folder,
                Tastes.dataset(Map.of("split", "user")).file("items.csv", DatasetFixture.csv("item_id,name", names)),
                baseModel);

        Fitted fitted =
                RecommendationFitIT.fit(named, folder.resolve("fit"), Map.of("recipe", "ease", "easeL2", 100.0), null);

        try (Predictor reading = RecommendationKit.predictor(fitted.bundle())) {
            assertThat(ask(reading, "{'items': ['t0-1', 't0-2']}", "{" + NEW_ITEMS + "}"))
                    .startsWith("t0-new");
            assertThat(ask(reading, "{'items': ['t1-1', 't1-2']}", "{" + NEW_ITEMS + "}"))
                    .startsWith("t1-new");
            RecentEvents events = new RecommendationKit().recentEvents().orElseThrow();
            events.add(
                    1, "items", JSON.readTree("{\"itemId\": \"unsaid\", \"itemAttributes\": {\"colour\": \"red\"}}"));
            events.add(2, "items", arrived("arrived", Tastes.items().getFirst()));
            reading.follow(events);
            assertThat(ask(reading, "{'items': ['t0-1', 't0-2']}", "{'among': ['arrived', 'unsaid', 't1-new']}"))
                    .containsExactly("arrived", "t1-new");
        }
    }
}
