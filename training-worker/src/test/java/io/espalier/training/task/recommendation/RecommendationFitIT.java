package io.espalier.training.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.modelkit.evaluation.Evaluator;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.recommendation.RecommendationKit;
import io.espalier.modelkit.task.recommendation.Recommendations;
import io.espalier.training.task.Fit;
import io.espalier.training.task.TrainedFiles;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RecommendationFitIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    static Path shared;

    private static TrainingFiles files;
    private static Fitted blend;

    /** What a fit said, and the bundle that it made. */
    record Fitted(Fit.Fitted fitted, List<String> kept, List<String> stages, Path bundle) {
        String sha256() {
            return Sha256.of(bundle.resolveSibling("trained").resolve(TrainedFiles.WEIGHTS));
        }
    }

    @BeforeAll
    static void fitOnce() throws IOException {
        files = Tastes.write(shared, Map.of("split", "user"));
        blend = fit(shared.resolve("blend"), Map.of("recipe", "blend", "factors", 8), null);
    }

    private static Fitted fit(Path folder, Map<String, Object> chosen, @Nullable String resumed) throws IOException {
        return fit(files, folder, chosen, resumed);
    }

    static Fitted fit(TrainingFiles files, Path folder, Map<String, Object> chosen, @Nullable String resumed)
            throws IOException {
        List<String> kept = new ArrayList<>();
        List<String> stages = new ArrayList<>();
        Path trained = Files.createDirectories(folder.resolve("trained"));
        try (Fit fit = new RecommendationTask()
                .prepare(files, new Hyperparameters(chosen), 1, Files.createDirectories(folder.resolve("work")))) {
            Fit.Fitted fitted = fit.run(new Fit.Stages() {
                @Override
                public @Nullable String resumedFrom() {
                    return resumed;
                }

                @Override
                public void began(int stage, String message) {
                    stages.add(stage + " of " + fit.stages() + ": " + message);
                }

                @Override
                public void progressed(double share) {
                    assertThat(share).isBetween(0.0, 1.0);
                }

                @Override
                public void ended(Map<String, Double> metrics, String state) {
                    assertThat(metrics).containsKey("ndcgAt10");
                    kept.add(state);
                }
            });
            Safetensors.write(trained.resolve(TrainedFiles.WEIGHTS), fitted.weights(), Map.of());
            fit.writeTransform(trained);
            TrainedFiles.write(
                    trained,
                    new TrainedFiles.Description(
                            "recommendation",
                            List.of(),
                            fitted.hyperparameters().values(),
                            fitted.architecture(),
                            fitted.validationMetrics()));
            Path bundle = Files.createDirectories(folder.resolve("bundle"));
            new RecommendationExporter().export(trained, files.train(), "fp32", bundle);
            return new Fitted(fitted, kept, stages, bundle);
        }
    }

    private static double ndcg(Path bundle) {
        try (Predictor predictor = RecommendationKit.predictor(bundle)) {
            return new Evaluator(2)
                    .evaluate(predictor, RecommendationKit.scorer(bundle), shared.resolve("splits/TEST"), null)
                    .metrics()
                    .getOrDefault("ndcgAt10", 0.0);
        }
    }

    @ParameterizedTest
    @CsvSource({"item-neighbours,0.6", "ease,0.6", "als,0.6"})
    void findsWhatGoesTogether(String recipe, double least) throws IOException {
        Fitted fitted = fit(shared.resolve(recipe), Map.of("recipe", recipe, "factors", 8), null);

        // Some of the test items are random ones, which nobody can know.
        assertThat(ndcg(fitted.bundle())).isGreaterThan(least);
        assertThat(fitted.fitted().hyperparameters().values()).containsEntry("recipe", recipe);
    }

    @Test
    void triesEverythingAndBeatsPopularity() throws IOException {
        Fitted popular = fit(shared.resolve("popular"), Map.of("recipe", "popularity"), null);
        Fitted best = fit(shared.resolve("auto"), Map.of(), null);

        assertThat(best.stages()).hasSize(18).first().isEqualTo("1 of 18: Trying popularity");
        assertThat(ndcg(best.bundle())).isGreaterThan(1.4 * ndcg(popular.bundle()));
        assertThat(best.fitted().validationMetrics().get("ndcgAt10"))
                .isGreaterThan(popular.fitted().validationMetrics().get("ndcgAt10"));
    }

    @Test
    void goesOnFromAnyStageToTheSameWeights() throws IOException {
        for (int stage : List.of(1, 5, blend.kept().size() - 1)) {
            Fitted resumed = fit(
                    shared.resolve("resumed-" + stage),
                    Map.of("recipe", "blend", "factors", 8),
                    blend.kept().get(stage - 1));

            assertThat(resumed.sha256()).isEqualTo(blend.sha256());
            assertThat(resumed.stages()).hasSize(blend.stages().size() - stage);
        }
    }

    @Test
    void saysWhyARecipeDoesNotFit() {
        Candidates candidates =
                Candidates.of(new Hyperparameters(Map.of()), 1_000, 20_000, Recommenders.EASE_MOST_ITEMS + 1, false);

        assertThat(candidates.first()).noneMatch(Recipe.Ease.class::isInstance);
        assertThat(candidates.leftOut())
                .containsExactly("EASE squares the items: it is left out above 12,000, and there are 12,001");
    }

    @Test
    void countsOnlyItemsThatSomebodyHad() {
        Candidates candidates = Candidates.of(new Hyperparameters(Map.of()), 1_000, 20_000, 3_000, true);

        assertThat(candidates.first()).anyMatch(Recipe.Ease.class::isInstance);
        assertThat(candidates.leftOut()).isEmpty();
    }

    @Test
    void leavesOutWhatWouldNotFitIntoMemory() {
        Candidates candidates =
                Candidates.of(new Hyperparameters(Map.of("factors", 64)), 900_000, 300_000, 300_000, false);

        assertThat(candidates.first()).noneMatch(Recipe.Als.class::isInstance);
        assertThat(candidates.first()).contains(new Recipe.Neighbours(100));
        assertThat(candidates.leftOut())
                .contains(
                        "More than 100 neighbours of each of 300,000 items would not fit into memory",
                        "64 factors of each of 900,000 users and 300,000 items would not fit into memory");
    }

    @Test
    void blendsWhereItIsAskedTo() {
        assertThat(blend.fitted().hyperparameters().values()).containsEntry("recipe", "blend");
    }

    @Nested
    class Answering {
        private static Predictor predictor;

        @BeforeAll
        static void open() {
            predictor = RecommendationKit.predictor(blend.bundle());
        }

        @AfterAll
        static void close() {
            predictor.close();
        }

        private Recommendations ask(String input, String parameters) {
            Answer answer =
                    predictor.predict(List.of(prepare(input, parameters))).getFirst();
            return (Recommendations) answer;
        }

        private Predictor.Prepared prepare(String input, String parameters) {
            return predictor.prepare(json(input), Parameters.of(json(parameters), "parameters."), "inputs");
        }

        private JsonNode json(String text) {
            return JSON.readTree(text.replace('\'', '"'));
        }

        @Test
        void recommendsANewUserWhatGoesWithTheSession() {
            Recommendations answer = ask("{'items': ['t2-1', 't2-5', 't2-7']}", "{'top_k': 5}");

            assertThat(answer.items()).hasSize(5).allMatch(item -> Tastes.tasteOf(item) == 2);
            assertThat(answer.items()).doesNotContain("t2-1", "t2-5", "t2-7");
            assertThat(answer.scores()[0]).isGreaterThanOrEqualTo(answer.scores()[4]);
        }

        @Test
        void recommendsAKnownUserWhatIsNew() {
            List<String> all = ask("{'user': 'u005'}", "{'top_k': 40, 'include_seen': true}")
                    .items();
            List<String> fresh = ask("{'user': 'u005'}", "{'top_k': 40}").items();

            assertThat(all).hasSize(40);
            assertThat(fresh).hasSizeLessThan(36);
            assertThat(all.subList(0, 7)).allMatch(item -> Tastes.tasteOf(item) == 1);
        }

        @Test
        void findsItemsLikeAnItem() {
            assertThat(ask("{'similar_to': 't3-4'}", "{'top_k': 3}").items())
                    .doesNotContain("t3-4")
                    .allMatch(item -> Tastes.tasteOf(item) == 3);
        }

        @Test
        void recommendsWhatIsPopularToAStranger() {
            assertThat(ask("{'user': 'nobody'}", "{}").items()).hasSize(10);
            assertThat(ask("{'items': ['newer-than-the-model']}", "{}").items())
                    .isEqualTo(ask("{'user': 'nobody'}", "{}").items());
        }

        @Test
        void putsASessionAfterTheHistory() {
            String session = "'t0-1', 't0-2', 't0-3', 't0-4', 't0-5'";

            List<String> before = ask("{'user': 'u005'}", "{'exclude': [%s]}".formatted(session))
                    .items();
            List<String> after = ask("{'user': 'u005', 'items': [%s]}".formatted(session), "{}")
                    .items();

            assertThat(after).doesNotContain("t0-1", "t0-2", "t0-3", "t0-4", "t0-5");
            assertThat(ofTaste(0, after)).isGreaterThan(ofTaste(0, before));
        }

        private static long ofTaste(int taste, List<String> items) {
            return items.stream().filter(item -> Tastes.tasteOf(item) == taste).count();
        }

        @Test
        void leavesOutWhatIsNotWanted() {
            List<String> wanted = ask("{'items': ['t2-1']}", "{'top_k': 3}").items();

            assertThat(ask(
                                    "{'items': ['t2-1']}",
                                    "{'top_k': 3, 'exclude': ['%s', 'unknown']}".formatted(wanted.getFirst()))
                            .items())
                    .doesNotContain(wanted.getFirst())
                    .startsWith(wanted.get(1));
        }

        @Test
        void ranksOnlyWhatItIsTold() {
            assertThat(ask("{'items': ['t2-1']}", "{'among': ['t0-1', 't2-5', 't2-1', 'unknown']}")
                            .items())
                    .containsExactly("t2-5", "t0-1");
            assertThat(ask("{'items': ['t2-1']}", "{'among': []}").items()).isEmpty();
        }

        @Test
        void saysWhichOfTheUsersItemsSpeakForAnAnswer() {
            Recommendations answer = ask("{'items': ['t0-3', 't2-1']}", "{'top_k': 4, 'reasons': true}");

            assertThat(answer.because()).isNotNull().hasSize(4);
            for (int i = 0; i < 4; i++) {
                assertThat(Tastes.tasteOf(answer.because().get(i).getFirst()))
                        .isEqualTo(Tastes.tasteOf(answer.items().get(i)));
            }
            assertThat(ask("{'items': ['t0-3']}", "{}").because()).isNull();
        }

        @Test
        void answersEachInputOfABatchAsIfItWereAlone() {
            List<String> inputs = List.of(
                    "{'user': 'u005'}",
                    "{'items': ['t2-1']}",
                    "{'user': 'nobody'}",
                    "{'similar_to': 't3-4'}",
                    "{'user': 'u117', 'items': ['t0-1', 't0-2', 't1-3', 't1-4', 't2-5']}");
            List<Predictor.Prepared> batch =
                    inputs.stream().map(input -> prepare(input, "{}")).toList();

            List<? extends Answer> together = predictor.predict(batch);

            for (int i = 0; i < inputs.size(); i++) {
                Recommendations alone = ask(inputs.get(i), "{}");
                assertThat(((Recommendations) together.get(i)).items()).isEqualTo(alone.items());
                assertThat(((Recommendations) together.get(i)).scores()).containsExactly(alone.scores(), within(1e-5f));
            }
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "'text' | {} | inputs: must be an object with user, items or similar_to",
                    "{} | {} | inputs: must be an object with user, items or similar_to",
                    "{'User': 'a'} | {} | inputs.User: is not known; known are user, items and similar_to",
                    "{'user': ['a']} | {} | inputs.user: must be an id: a text or a whole number",
                    "{'user': 1.5} | {} | inputs.user: must be an id: a text or a whole number",
                    "{'items': 'a'} | {} | inputs.items: must be a list of ids",
                    "{'items': ['t0-1', null]} | {} | inputs.items[1]: must be an id: a text or a whole number",
                    "{'similar_to': 'x'} | {} | inputs.similar_to: is no item of the catalog",
                    "{'similar_to': 't0-1', 'user': 'a'} | {} | inputs.similar_to: stands alone: leave user and items out",
                    "{'user': 'a'} | {'top_k': 0} | parameters.top_k: must be a whole number, from 1 to 1000; leave it out for 10 items",
                    "{'user': 'a'} | {'top_k': 1001} | parameters.top_k: must be a whole number, from 1 to 1000; leave it out for 10 items",
                    "{'user': 'a'} | {'reasons': 'yes'} | parameters.reasons: must be true or false",
                    "{'user': 'a'} | {'include_seen': 1} | parameters.include_seen: must be true or false",
                    "{'user': 'a'} | {'exclude': 'a'} | parameters.exclude: must be a list of ids",
                    "{'user': 'a'} | {'among': {}} | parameters.among: must be a list of ids",
                    "{'user': 'a'} | {'filter': {'kind': 'books'}} | parameters.filter: needs a model that knows what items are: train it with a file of items",
                    "{'user': 'a'} | {'diversity': 0.5} | parameters.diversity: needs a model that knows what items are: train it with a file of items",
                    "{'user': 'a'} | {'diversity': 2} | parameters.diversity: must be a number from 0 to 1",
                    "{'user': 'a'} | {'like': 1} | parameters.like: is not a parameter; known are top_k, exclude, among, filter, include_seen, diversity, reasons"
                })
        void saysWhatIsWrongWithARequest(String input, String parameters, String message) {
            // In CSV the first quotation mark of a text would be the file's.
            String quoted = input.equals("text") ? "'text'" : input;

            assertThatThrownBy(() -> prepare(quoted, parameters))
                    .isInstanceOf(ProblemException.class)
                    .hasMessage(message);
        }

        @Test
        void refusesMoreItemsThanAnybodyHas() {
            String many = "'t0-1',".repeat(1000) + "'t0-2'";

            assertThatThrownBy(() -> prepare("{'items': [" + many + "]}", "{}"))
                    .isInstanceOf(ProblemException.class)
                    .hasMessage("inputs.items: holds more than 1,000 ids");
        }

        @ParameterizedTest
        @ValueSource(strings = {"{'user': 7}", "{'items': [1, 2]}"})
        void takesWholeNumbersForIds(String input) {
            assertThat(ask(input, "{}").items()).hasSize(10);
        }
    }
}
