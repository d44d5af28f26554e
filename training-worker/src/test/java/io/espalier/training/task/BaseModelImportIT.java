package io.espalier.training.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportRefusedException;
import io.espalier.training.catalog.ImportedModel;
import io.espalier.training.catalog.TokenizerImport;
import io.espalier.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** From what libraries saved to the files that trainings start from. That the numbers are the same is tested beside the readers. */
class BaseModelImportIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Path IMPORTS = Path.of("src/test/resources/imports");

    @TempDir
    private Path folder;

    private Path given;
    private Path made;

    @BeforeEach
    void makeFolders() throws IOException {
        given = Files.createDirectory(folder.resolve("given"));
        made = Files.createDirectory(folder.resolve("made"));
    }

    private void give(String name) throws IOException {
        for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
            Path saved = IMPORTS.resolve(name).resolve(file);
            if (Files.exists(saved)) {
                Files.copy(saved, given.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private ImportedModel read(String task) throws IOException {
        return TrainingTasks.get(task).importBaseModel(new ImportFolder(given), made);
    }

    private void change(String file, String text, String to) throws IOException {
        String content = Files.readString(given.resolve(file));
        assertThat(content).contains(text);
        Files.writeString(given.resolve(file), content.replace(text, to));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "roberta"})
    void makesAnEncoderThatReadsTexts(String name) throws IOException {
        give(name);

        ImportedModel model = read("text-classification");

        assertThat(model.architecture()).isEqualTo(name + " with 2 layers of width 32");
        EncoderConfig config = EncoderConfig.read(made.resolve("config.json"));
        var weights = Safetensors.read(made.resolve("model.safetensors"));
        assertThat(model.parameters())
                .isEqualTo(weights.values().stream()
                        .mapToLong(tensor -> tensor.values().length)
                        .sum());
        assertThat(weights.get("embeddings.position_embeddings.weight").dimension(0))
                .isEqualTo(config.maxPositions());
        try (var tokenizer = TextTransform.open(made.resolve("tokenizer.json"), 16)) {
            assertThat(tokenizer.encode("the parcel?")).hasSizeBetween(4, 16);
        }
    }

    @ParameterizedTest
    @CsvSource({"all-minilm-l6-v2, 30522", "bge-small-zh-v1.5, 21128"})
    void knowsTheTokenizersThatAreInUse(String name, int vocabulary) throws IOException {
        Path tokenizer = given.resolve("tokenizer.json");
        try (var published = getClass().getResourceAsStream("/" + name + "-tokenizer.json")) {
            Files.copy(published, tokenizer);
        }

        TokenizerImport.read(tokenizer, vocabulary, made.resolve("tokenizer.json"));

        assertThat(made.resolve("tokenizer.json")).isNotEmptyFile();
    }

    @ParameterizedTest
    @CsvSource({"basic, resnet", "bottleneck, resnet"})
    void makesANetworkThatReadsImages(String name, String architecture) throws IOException {
        give(name);

        assertThat(read("image-classification").architecture()).isEqualTo(architecture);
        assertThat(TrainedFiles.description(made).architecture())
                .containsEntry("size", 224)
                .containsKey("mean");
    }

    @Test
    void believesTheConfigurationOfAnImageNetwork() throws IOException {
        give("basic");
        Files.writeString(given.resolve("config.json"), """
                {"architecture": "resnet18", "pretrained_cfg": {"input_size": [3, 64, 64], "mean": [0.5, 0.5, 0.5], "std": [0.2, 0.2, 0.2]}}""");

        read("image-classification");

        assertThat(TrainedFiles.description(made).architecture())
                .containsEntry("size", 64)
                .containsEntry("std", List.of(0.2, 0.2, 0.2));
    }

    @Nested
    class Refusing {
        private void expect(String task, String message) {
            assertThatThrownBy(() -> read(task))
                    .isInstanceOf(ImportRefusedException.class)
                    .hasMessageContaining(message);
        }

        @Test
        void namesEveryFileThatIsMissing() {
            var refused = catchThrowableOfType(ImportRefusedException.class, () -> read("text-classification"));

            assertThat(refused.problems())
                    .hasSize(3)
                    .first()
                    .isEqualTo("The file config.json is missing; save_pretrained writes it.");
        }

        @Test
        void takesNothingForATaskThatStartsFromNothing() {
            expect("tabular-classification", "takes no base model");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "\"type\": \"WordPiece\" | \"type\": \"Unigram\" | of the type Unigram; WordPiece and BPE",
                    "\"type\": \"BertNormalizer\" | \"type\": \"Replace\" | the normalizer Replace; known are BertNormalizer",
                    "\"type\": \"BertPreTokenizer\" | \"type\": \"Split\" | the pre_tokenizer Split",
                    "\"[UNK]\": 1 | \"[UNK]\": 60 | gives \"[UNK]\" the number 60; the configuration's vocab_size is 60",
                    "\"max_input_chars_per_word\": 100 | \"max_input_chars_per_word\": 100000 | max_input_chars_per_word 100000",
                    "\"type\": \"BertProcessing\" | \"type\": \"ByteLevel\" | says sep of the post_processor \"ByteLevel\""
                })
        void saysWhichPartOfATokenizerIsNotKnown(String text, String to, String message) throws IOException {
            give("bert");
            change("tokenizer.json", text, to);

            expect("text-classification", message);
        }

        @Test
        void takesNoTokenizerThatReadsATextDifferentlyEachTime() throws IOException {
            give("roberta");
            change("tokenizer.json", "\"dropout\": null", "\"dropout\": 0.1");

            expect("text-classification", "dropout");
        }

        @Test
        void takesNoTokenizerThatMakesNothingOfAnEmptyText() throws IOException {
            give("bert");
            ObjectNode tokenizer = (ObjectNode) JSON.readTree(Files.readAllBytes(given.resolve("tokenizer.json")));
            Files.write(given.resolve("tokenizer.json"), JSON.writeValueAsBytes(tokenizer.putNull("post_processor")));

            expect("text-classification", "reads \"\" as nothing");
        }

        @Test
        void takesNoTokenizerOfAnotherModel() throws IOException {
            give("bert");
            Files.writeString(given.resolve("tokenizer.json"), "[]");

            expect("text-classification", "tokenizer.json is not a JSON object");
        }

        @Test
        void saysWhatIsImpossibleAboutImages() throws IOException {
            give("basic");
            Files.writeString(given.resolve("config.json"), "{\"input_size\": [3, 100000, 100000]}");
            expect("image-classification", "input_size is 100000");

            Files.writeString(given.resolve("config.json"), "{\"std\": [1, 0, 1]}");
            expect("image-classification", "mean and std");
        }
    }
}
