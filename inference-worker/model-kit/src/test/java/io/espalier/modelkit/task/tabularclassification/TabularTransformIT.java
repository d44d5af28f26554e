package io.espalier.modelkit.task.tabularclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.fixture.TinyModels;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.ExampleReader.RowResult;
import io.espalier.modelkit.task.ScoredLabels;
import io.espalier.modelkit.task.TaskKits;
import io.espalier.modelkit.task.tabularclassification.TabularTransform.Categorical;
import io.espalier.modelkit.task.tabularclassification.TabularTransform.Numeric;
import io.espalier.modelkit.task.tabularclassification.TabularTransform.Row;
import io.espalier.modelkit.task.tabularclassification.TabularTransform.Scale;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class TabularTransformIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private final TabularTransform transform = fit(
            "{'age': 20, 'job': 'Sales', 'zip': '01'}",
            "{'age': 40, 'job': 'Sales', 'zip': '02'}",
            "{'age': null, 'job': 'Cook', 'zip': 'A1'}",
            "{'age': 60, 'job': null, 'zip': '01'}");

    @Nested
    class Learning {
        @Test
        void standardizesColumnsOfNumbersAndMarksTheirGaps() {
            // The deviation of 20, 40, 60 over three rows.
            assertThat(transform.columns().getFirst())
                    .isEqualTo(new Numeric("age", Scale.LINEAR, 40, Math.sqrt(800 / 3.0), true));
        }

        @Test
        void ordersCategoriesByHowOftenTheyOccur() {
            assertThat(transform.columns().get(1)).isEqualTo(new Categorical("job", List.of("Sales", "Cook")));
        }

        @Test
        void takesAColumnWithOneWordForCategories() {
            assertThat(transform.columns().get(2)).isEqualTo(new Categorical("zip", List.of("01", "02", "A1")));
        }

        @Test
        void takesTextsThatLookLikeNumbersForCategories() {
            var codes = fit("{'code': '007'}", "{'code': '1'}", "{'code': '2.0'}");

            assertThat(codes.columns()).containsExactly(new Categorical("code", List.of("007", "1", "2.0")));
        }

        @Test
        void logsAmountsOfWhichAFewAreHuge() {
            var skewed = fit(IntStream.range(0, 200)
                    .mapToObj(i -> "{'gain': " + (i % 50 == 0 ? 99_999 : i % 7) + "}")
                    .toArray(String[]::new));

            assertThat(((Numeric) skewed.columns().getFirst()).scale()).isEqualTo(Scale.SIGNED_LOG);
        }

        @Test
        void learnsTheUnknownFromRareValuesOfLargeTables() {
            var large = fit(IntStream.range(0, 2000)
                    .mapToObj(i -> "{'city': '" + (i < 1000 ? "Rome" : i < 1998 ? "Oslo" : "x" + i) + "'}")
                    .toArray(String[]::new));

            assertThat(large.columns()).containsExactly(new Categorical("city", List.of("Rome", "Oslo")));
        }

        @Test
        void survivesConstantAndEmptyColumns() {
            var constant = fit("{'one': 5, 'none': null}", "{'one': 5, 'none': '?'}");

            Row row = constant.encode(json("{'one': 5, 'none': 'new'}"), "inputs");

            assertThat(row.numeric()).containsExactly(0);
            assertThat(row.categorical()).containsExactly(TabularTransform.UNKNOWN);
        }
    }

    @Nested
    class Encoding {
        @Test
        void turnsARowIntoNumbersAndIndices() {
            Row row = transform.encode(json("{'age': 60, 'job': 'Cook', 'zip': '02'}"), "inputs");

            assertThat(row.numeric()).hasSize(transform.numericWidth());
            assertThat(row.numeric()[0]).isEqualTo((float) (20 / Math.sqrt(800 / 3.0)), within(1e-6f));
            assertThat(row.numeric()[1]).isZero();
            assertThat(row.categorical()).containsExactly(3, 3);
            assertThat(transform.categoricalSizes()).containsExactly(4, 5);
        }

        @Test
        void readsTextsAndNumbersAlike() {
            assertThat(transform.encode(json("{'age': ' 60 '}"), "inputs").numeric())
                    .isEqualTo(
                            transform.encode(json("{'age': 6.0e1}"), "inputs").numeric());
        }

        @ParameterizedTest
        @ValueSource(strings = {"null", "''", "'?'", "'NA'", "'N/A'", "'null'", "'NaN'", "' '"})
        void takesEveryUsualMarkForMissing(String cell) {
            Row row = transform.encode(json("{'age': " + cell + ", 'job': " + cell + "}"), "inputs");

            assertThat(row.numeric()).containsExactly(0, 1);
            assertThat(row.categorical()).containsExactly(TabularTransform.MISSING, TabularTransform.MISSING);
        }

        @Test
        void findsTheCategoryThatANumberIsWrittenLike() {
            var codes = fit("{'code': '007'}", "{'code': '1'}", "{'code': '2.0'}");

            assertThat(List.of("'007'", "1", "'1'", "2.0"))
                    .extracting(code -> codes.encode(json("{'code': " + code + "}"), "inputs")
                            .categorical()[0])
                    .containsExactly(2L, 3L, 3L, 4L);
        }

        @Test
        void countsUnseenCategoriesAsUnknown() {
            assertThat(transform.encode(json("{'job': 'Pilot'}"), "inputs").categorical()[0])
                    .isEqualTo(TabularTransform.UNKNOWN);
        }

        @Test
        void keepsExtremeNumbersWithinReason() {
            assertThat(transform.encode(json("{'age': 1e300}"), "inputs").numeric()[0])
                    .isEqualTo(10f);
        }

        @Test
        void namesEveryFieldThatIsWrong() {
            assertRefused(
                    "{'age': 'old', 'colour': 'red', 'job': ['Cook']}",
                    "inputs[2].colour",
                    "inputs[2].job",
                    "inputs[2].age");
        }

        @Test
        void namesAFewOfVeryManyWrongFields() {
            String keys = IntStream.range(0, 300_000)
                    .mapToObj(i -> "'" + i + "x".repeat(i == 0 ? 10_000 : 0) + "': 1")
                    .collect(Collectors.joining(", "));

            assertThatThrownBy(() -> transform.encode(json("{'age': 'old', " + keys + "}"), "inputs"))
                    .isInstanceOfSatisfying(ProblemException.class, e -> {
                        assertThat(e.errors()).hasSize(20);
                        assertThat(e.getMessage())
                                .isEqualTo("inputs.0" + "x".repeat(79)
                                        + "…: is not a column of the model; known are age, job, zip");
                    });
        }

        @ParameterizedTest
        @ValueSource(strings = {"'0x10'", "'12d'", "'Infinity'", "'1e999'", "'1,000'", "true"})
        void takesOnlyPlainNumbersForNumbers(String cell) {
            assertRefused("{'age': " + cell + "}", "inputs[2].age");
        }

        @ParameterizedTest
        @ValueSource(strings = {"'text'", "3", "null", "[]"})
        void refusesWhatIsNotAnObject(String input) {
            assertRefused(input, "inputs[2]");
        }

        private void assertRefused(String input, String... fields) {
            assertThatThrownBy(() -> transform.encode(json(input), "inputs[2]"))
                    .isInstanceOfSatisfying(ProblemException.class, e -> {
                        assertThat(e.type()).isEqualTo(ProblemType.INVALID_INPUT);
                        assertThat(e.errors()).extracting(FieldError::field).containsExactly(fields);
                    });
        }
    }

    @Test
    void readsBackWhatItWrote() {
        Path file = folder.resolve(TabularTransform.ENTRY);
        transform.write(file);
        JsonNode input = json("{'age': 33.5, 'job': 'Cook', 'zip': 'unseen'}");

        TabularTransform again = TabularTransform.read(file);

        assertThat(again.columns()).isEqualTo(transform.columns());
        assertThat(again.encode(input, "inputs").numeric())
                .isEqualTo(transform.encode(input, "inputs").numeric());
    }

    @Test
    void predictsThroughTheKit() throws IOException {
        Path bundle = folder.resolve("bundle");
        var manifest = TinyModels.sumOfNumbers(bundle, transform, List.of("no", "yes"));

        try (var predictor = TaskKits.get("tabular-classification").open(bundle, manifest, 1)) {
            var batch = List.of(
                    predictor.prepare(json("{'age': 40}"), Parameters.NONE, "inputs[0]"),
                    predictor.prepare(json("{'job': 'Cook'}"), Parameters.NONE, "inputs[1]"));

            // Logits 0 and the sum of the numbers: 0 for the mean age, 1 for the mark of a missing one.
            List<float[]> scores = predictor.predict(batch).stream()
                    .map(answer -> ((ScoredLabels) answer).scores())
                    .toList();
            assertThat(scores.get(0)).containsExactly(.5f, .5f);
            assertThat((double) scores.get(1)[1]).isEqualTo(1 / (1 + Math.exp(-1)), within(1e-6));
        }
    }

    @Test
    void readsRowsByTheirMappedColumns() {
        var reader = new TabularClassificationKit()
                .examples(
                        List.of("job", "income", "age"),
                        new ColumnMapping(Map.of("features", List.of("age", "job"), "label", List.of("income")), null),
                        cell -> {
                            throw new AssertionError("There are no files: " + cell);
                        });

        assertThat(reader.read(List.of(" Sales ", ">50K.", "39")))
                .isEqualTo(new RowResult.Example(
                        json("{'age': '39', 'job': 'Sales'}"), ">50K.", "{\"age\":\"39\",\"job\":\"Sales\"}"));
        assertThat(reader.read(Arrays.asList("?", "<=50K", null)))
                .isInstanceOfSatisfying(
                        RowResult.Example.class,
                        example -> assertThat(example.identity()).isEqualTo("{\"age\":null,\"job\":null}"));
        assertThat(reader.read(List.of("Sales", "", "39")))
                .isEqualTo(new RowResult.Rejected("missing-label", "income", "The label is missing."));
    }

    private static TabularTransform fit(String... rows) {
        return TabularTransform.fit(
                Arrays.stream(rows).map(TabularTransformIT::json).iterator());
    }

    private static JsonNode json(String text) {
        return JSON.readTree(text.replace('\'', '"'));
    }
}
