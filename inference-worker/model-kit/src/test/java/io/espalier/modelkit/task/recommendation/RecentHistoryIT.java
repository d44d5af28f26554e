package io.espalier.modelkit.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.modelkit.fixture.TinyModels;
import io.espalier.modelkit.request.PredictionRequest;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.RecentEvents;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What a recommender answers once it follows what users have done since. */
class RecentHistoryIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final RecommendationKit KIT = new RecommendationKit();
    private static final int CATALOG = 10;

    @TempDir
    Path folder;

    private final RecentEvents events = KIT.recentEvents().orElseThrow();
    private Predictor predictor;
    private long sequence;

    @BeforeEach
    void open() throws IOException {
        predictor = open("first", CATALOG);
        predictor.follow(events);
    }

    /** User {@code known} had i00 and i01. */
    private Predictor open(String name, int catalog) throws IOException {
        return open(name, catalog, Map.of());
    }

    private Predictor open(String name, int catalog, Map<String, Object> hyperparameters) throws IOException {
        Path bundle = folder.resolve(name);
        ModelManifest manifest = TinyModels.neighbours(
                bundle,
                catalog,
                new TreeMap<>(Map.of("known", new int[] {0, 1})),
                UUID.randomUUID(),
                UUID.randomUUID(),
                hyperparameters);
        return KIT.open(bundle, manifest, 1);
    }

    @AfterEach
    void close() {
        predictor.close();
    }

    private void happened(String user, String item, long time) {
        events.add(
                ++sequence,
                "interactions",
                JSON.createObjectNode().put("user", user).put("item", item).put("time", time));
    }

    private List<String> ask(Predictor of, String inputs, String parameters) {
        String body = "{\"inputs\": " + inputs + ", \"parameters\": " + parameters + "}";
        PredictionRequest request = PredictionRequest.parse(body.getBytes(StandardCharsets.UTF_8));
        var prepared = of.prepare(request.inputs().getFirst(), request.parameters(), request.path(0));
        return ((Recommendations) of.predict(List.of(prepared)).getFirst()).items();
    }

    private List<String> ask(String inputs) {
        return ask(predictor, inputs, "{\"top_k\": 3}");
    }

    @Test
    void addsToWhatAKnownUserHad() {
        assertThat(ask("{\"user\": \"known\"}")).startsWith("i02");

        happened("known", "i07", 1);

        assertThat(ask("{\"user\": \"known\"}")).contains("i06").doesNotContain("i00", "i01", "i07");
        assertThat(ask("{\"user\": \"somebody else\"}")).containsExactly("i00", "i01", "i02");
    }

    @Test
    void answersAUserWhomNoTrainingSaw() {
        happened("new", "i05", 1);

        assertThat(ask("{\"user\": \"new\"}")).startsWith("i04", "i06").doesNotContain("i05");
    }

    @Test
    void takesASessionForNewerStill() {
        happened("new", "i05", 1);

        assertThat(ask("{\"user\": \"new\", \"items\": [\"i09\"]}"))
                .contains("i08")
                .doesNotContain("i05", "i09");
    }

    @Test
    void showsWhatUsersHadWhereItIsWanted() {
        happened("new", "i05", 1);

        assertThat(ask(predictor, "{\"user\": \"new\"}", "{\"include_seen\": true, \"top_k\": 1}"))
                .containsExactly("i05");
    }

    @Test
    void countsARepeatedItemOnce() {
        happened("known", "i05", 1);
        List<String> once = ask("{\"user\": \"known\"}");

        happened("known", "i05", 2);
        happened("known", "i00", 3);

        assertThat(ask("{\"user\": \"known\"}")).isEqualTo(once);
    }

    @Test
    void passesOverItemsOfALaterCatalogUntilAModelKnowsThem() throws IOException {
        happened("new", "i12", 1);

        assertThat(ask("{\"user\": \"new\"}")).containsExactly("i00", "i01", "i02");
        try (Predictor later = open("later", 20)) {
            later.follow(events);
            assertThat(ask(later, "{\"user\": \"new\"}", "{\"top_k\": 2}")).containsExactly("i11", "i13");
        }
    }

    @Test
    void followsWhatItsTrainingCounted() throws IOException {
        events.add(
                ++sequence,
                "interactions",
                JSON.createObjectNode()
                        .put("user", "new")
                        .put("item", "i05")
                        .put("time", 1)
                        .put("type", "view")
                        .put("value", 2));
        List<String> popular = List.of("i00", "i01", "i02");

        for (var asked : Map.<Map<String, Object>, Boolean>of(
                        Map.of(), true,
                        Map.of("types", List.of("view", "cart")), true,
                        Map.of("types", "view"), true,
                        Map.of("types", List.of("purchase")), false,
                        Map.of("smallestValue", 2), true,
                        Map.of("smallestValue", 2.5), false)
                .entrySet()) {
            try (Predictor model = open("asked for with " + asked.getKey(), CATALOG, asked.getKey())) {
                model.follow(events);

                List<String> answer = ask(model, "{\"user\": \"new\"}", "{\"top_k\": 3}");
                assertThat(!answer.equals(popular)).as("%s", asked.getKey()).isEqualTo(asked.getValue());
            }
        }
    }

    @Test
    void isTheSameForEveryModelOfTheProduct() throws IOException {
        happened("new", "i05", 1);

        try (Predictor other = open("other", CATALOG)) {
            assertThat(ask(other, "{\"user\": \"new\"}", "{\"top_k\": 3}")).containsExactly("i00", "i01", "i02");

            other.follow(events);

            assertThat(ask(other, "{\"user\": \"new\"}", "{\"top_k\": 3}")).isEqualTo(ask("{\"user\": \"new\"}"));
        }
    }
}
