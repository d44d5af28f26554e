package io.espalier.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.process.Settings;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.Hyperparameter;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.contracts.task.textclassification.TextClassification;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

class ContractsTest {
    @Nested
    class Hyperparameters {
        @Test
        void knowsWhichTasksChangeTheirExamplesAtRandom() {
            assertThat(Tasks.ALL.stream().filter(TaskDescriptor::augments).map(TaskDescriptor::name))
                    .containsExactly("image-classification");
        }

        @Test
        void reportsEveryBadValueByItsField() {
            Map<String, Object> chosen = new LinkedHashMap<>();
            chosen.put("epochs", 2.5);
            chosen.put("learningRate", 7);
            chosen.put("precision", "int4");
            chosen.put("dropout", "much");
            chosen.put("colour", "red");

            List<FieldError> errors = TextClassification.DESCRIPTOR.check(chosen);

            assertThat(errors)
                    .extracting(FieldError::field)
                    .containsExactly(
                            "hyperparameters.epochs",
                            "hyperparameters.learningRate",
                            "hyperparameters.precision",
                            "hyperparameters.dropout",
                            "hyperparameters.colour");
            assertThat(errors.getFirst().message()).isEqualTo("must be a whole number from 1 to 100");
            assertThat(errors.getLast().message()).contains("is not a hyperparameter", "learningRate");
        }

        @Test
        void takesBoundsThemselves() {
            assertThat(TextClassification.DESCRIPTOR.check(
                            Map.of("epochs", 1, "learningRate", 1e-7, "maxLength", 512, "classWeights", "balanced")))
                    .isEmpty();
        }

        @Test
        void takesListsOfTextsAndRefusesOthers() {
            for (Object good : List.of("view", List.of("view"), List.of("view", 2), 7, "x".repeat(200))) {
                assertThat(Recommendation.DESCRIPTOR.check(Map.of("types", good)))
                        .as("%s", good)
                        .isEmpty();
            }
            for (Object bad : List.of(
                    "",
                    " ",
                    1.5,
                    true,
                    List.of(),
                    List.of("view", 7.5),
                    List.of(""),
                    "x".repeat(201),
                    "a\0b",
                    List.of("\ud800"),
                    Map.of("view", 1))) {
                assertThat(Recommendation.DESCRIPTOR.check(Map.of("types", bad)))
                        .as("%s", bad)
                        .containsExactly(new FieldError(
                                "hyperparameters.types", "must be a list of 1 to 100 texts of at most 200 characters"));
            }
        }

        @Test
        void readsTextsAsFilesHoldThem() {
            assertThat(Hyperparameter.wordsOf(List.of(" view", "cart ", 3))).containsExactly("view", "cart", "3");
            assertThat(Hyperparameter.wordsOf(7)).containsExactly("7");
            assertThat(Hyperparameter.wordsOf(null)).isEmpty();
        }

        @Test
        void refusesNumbersThatAreNone() {
            assertThat(TextClassification.DESCRIPTOR.check(Map.of("dropout", Double.NaN)))
                    .hasSize(1);
        }
    }

    @Nested
    class TaskDescriptors {
        @Test
        void haveUniqueNamesAndReadableSchemas() {
            var json = JsonMapper.builder().build();

            assertThat(Tasks.ALL).extracting(TaskDescriptor::name).doesNotHaveDuplicates();
            assertThat(Tasks.ALL).allSatisfy(task -> {
                assertThat(json.readTree(task.inputSchema()).isObject()).isTrue();
                assertThat(json.readTree(task.parametersSchema()).isObject()).isTrue();
                assertThat(json.readTree(task.outputSchema()).isObject()).isTrue();
                assertThat(json.readTree(task.exampleInput()).isMissingNode()).isFalse();
                assertThat(task.columns()).anyMatch(ColumnRole::required);
            });
        }

        @Test
        void takeEventsThatAreLikeTheirExamples() {
            var json = JsonMapper.builder().build();

            assertThat(Tasks.eventKinds()).containsExactly("interactions", "items");
            assertThat(Tasks.ALL).allSatisfy(task -> {
                var roles = task.columns().stream().map(ColumnRole::name).toList();
                assertThat(task.events()).allSatisfy(kind -> {
                    assertThat(kind.name()).matches("[a-z]+").isNotEqualTo("predict");
                    assertThat(roles).containsAll(kind.columns());
                    assertThat(json.readTree(kind.schema()).isObject()).isTrue();
                    var body = json.createObjectNode();
                    body.putArray(kind.name()).add(json.readTree(kind.example()));
                    assertThat(kind.read(body, Instant.now())).hasSize(1);
                });
            });
        }

        @Test
        void areDocumentedWithTheirHyperparameters() throws IOException {
            String documentation = Files.readString(Path.of("../../web-console/docs/tasks.md"));

            assertThat(Tasks.ALL).allSatisfy(task -> {
                int start = documentation.indexOf("## " + task.name() + "\n");
                assertThat(start).isNotNegative();
                int next = documentation.indexOf("\n## ", start);
                String section = documentation.substring(start, next < 0 ? documentation.length() : next);
                assertThat(section.lines().filter(line -> line.matches("\\| `\\w+` .*")))
                        .containsExactlyElementsOf(task.hyperparameters().stream()
                                .map(TaskDescriptors::documented)
                                .toList());
            });
        }

        private static String documented(Hyperparameter hyperparameter) {
            String range = switch (hyperparameter.kind()) {
                case BOOLEAN -> "`true`, `false`";
                case CHOICE ->
                    hyperparameter.choices().stream()
                            .map(choice -> "`" + choice + "`")
                            .collect(Collectors.joining(", "));
                case WORDS -> "a list of texts";
                case INTEGER, NUMBER -> plain(hyperparameter.minimum()) + " to " + plain(hyperparameter.maximum());
            };
            return "| `%s` | %s | %s | %s |"
                    .formatted(
                            hyperparameter.name(), hyperparameter.description(), hyperparameter.defaultValue(), range);
        }

        private static String plain(double number) {
            return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
        }
    }

    @Nested
    class States {
        @Test
        void onlyMoveForward() {
            assertThat(JobState.QUEUED.canTransitionTo(JobState.TRAINING)).isTrue();
            assertThat(JobState.TRAINING.canTransitionTo(JobState.QUEUED)).isFalse();
            assertThat(JobState.TRAINING.canTransitionTo(JobState.TRAINING)).isFalse();
        }

        @Test
        void succeedOnlyAfterRegistering() {
            assertThat(Arrays.stream(JobState.values()).filter(state -> state.canTransitionTo(JobState.SUCCEEDED)))
                    .containsExactly(JobState.REGISTERING);
        }

        @Test
        void neverLeaveAFinalState() {
            assertThat(JobState.values())
                    .allSatisfy(next -> assertThat(List.of(JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED))
                            .noneMatch(last -> last.canTransitionTo(next)));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "Train,TRAIN",
        "training,TRAIN",
        "dev,VALIDATION",
        "' VAL ',VALIDATION",
        "held_out,TEST",
        "test,TEST",
        "Testing,TEST"
    })
    void readsUsualSpellingsOfSplits(String word, Split split) {
        assertThat(Split.parse(word)).contains(split);
    }

    @Test
    void doesNotGuessUnknownSplits() {
        assertThat(Split.parse("fold-3")).isEmpty();
    }

    @Test
    void keepsEveryTenantObjectBelowItsOwnPrefix() {
        UUID tenant = UUID.randomUUID();
        var version = new DatasetVersionRef(tenant, UUID.randomUUID(), UUID.randomUUID());
        var job = new JobRef(tenant, UUID.randomUUID());

        assertThat(List.of(
                        ObjectKeys.datasetPart(version, UUID.randomUUID()),
                        ObjectKeys.datasetReport(version, 1),
                        ObjectKeys.split(job, Split.TEST),
                        ObjectKeys.trainingAttempt(job, 1),
                        ObjectKeys.bundle(job, "int8", "c0ffee"),
                        ObjectKeys.predictions(job)))
                .allMatch(key -> key.startsWith("tenants/" + tenant + "/"))
                .doesNotHaveDuplicates();
    }

    @Test
    void givesEveryProblemAnUriAndAnErrorStatus() {
        assertThat(ProblemType.values()).extracting(ProblemType::uri).doesNotHaveDuplicates();
        assertThat(ProblemType.values()).allMatch(type -> type.status() >= 400 && type.status() < 600);
        assertThat(ProblemType.NOT_FOUND.uri()).isEqualTo("urn:espalier:problem:not-found");
    }

    @Nested
    class ProcessSettings {
        @Test
        void readSecretsFromFiles(@TempDir Path folder) throws IOException {
            Path file = Files.writeString(folder.resolve("secret"), "s3cret\n");
            var settings = new Settings(Map.of("ESPALIER_SERVICE_CREDENTIAL_FILE", file.toString()));

            assertThat(settings.required(Settings.SERVICE_CREDENTIAL)).isEqualTo("s3cret");
        }

        @Test
        void nameTheVariableThatIsMissingOrWrong() {
            var settings = new Settings(Map.of("ESPALIER_PORT", "eighty"));

            assertThatThrownBy(() -> settings.required(Settings.S3_ENDPOINT))
                    .hasMessageContaining("ESPALIER_S3_ENDPOINT");
            assertThatThrownBy(() -> settings.getInt(Settings.PORT, 0)).hasMessageContaining("ESPALIER_PORT", "eighty");
        }
    }
}
