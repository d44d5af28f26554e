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
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
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

        /** The library ends the process over some of these; so they must not get as far as there. */
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "roberta | /model | {\"continuing_subword_prefix\": \"####\"} | says continuing_subword_prefix \"####\"",
                    "roberta | /model | {\"end_of_word_suffix\": \"é\"} | says end_of_word_suffix",
                    "bert | /model | {\"continuing_subword_prefix\": \"##########\"} | up to 8 characters",
                    "bert | /model | {\"max_input_chars_per_word\": 9999999999} | 1 to 1000 are known",
                    "bert | /model | {\"max_input_chars_per_word\": \"1\"} | 1 to 1000 are known",
                    "bert | /model | {\"unk_token\": \"[NONE]\"} | unk_token is \"[NONE]\"",
                    "bert | /model | {\"cache\": 1} | says cache of the model",
                    "bert | /post_processor | {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"[X]\", \"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {}} | which is no special token",
                    "bert | /post_processor | {\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"B\", \"type_id\": 0}}], \"pair\": [], \"special_tokens\": {}} | reads a text as",
                    "bert | /post_processor | {\"type\": \"TemplateProcessing\", \"single\": [{\"Sequence\": {\"id\": \"A\"}}, {\"Sequence\": {\"id\": \"A\"}}], \"pair\": [], \"special_tokens\": {}} | reads a text as",
                    "bert | /post_processor | {\"type\": \"Sequence\", \"processors\": [{\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", 3], \"cls\": [\"[CLS]\", 2]}, {\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", 3], \"cls\": [\"[CLS]\", 2]}]} | 2 post_processors"
                })
        void takesNoTokenizerThatEndsItsReader(String name, String at, String members, String message)
                throws IOException {
            give(name);
            ObjectNode tokenizer = (ObjectNode) JSON.readTree(Files.readAllBytes(given.resolve("tokenizer.json")));
            ObjectNode part = (ObjectNode) tokenizer.at(at);
            if (members.contains("\"type\"")) {
                part.removeAll();
            }
            part.setAll((ObjectNode) JSON.readTree(members));
            Files.write(given.resolve("tokenizer.json"), JSON.writeValueAsBytes(tokenizer));

            expect("text-classification", message);
        }

        @Test
        void saysInPrintWhatHasNamesThatAreNot() throws IOException {
            give("bert");
            change("config.json", "\"model_type\": \"bert\"", "\"model_type\": \"a\\u0000b\\ud800\"");

            var refused = catchThrowableOfType(ImportRefusedException.class, () -> read("text-classification"));

            assertThat(refused.shown().getFirst()).contains("model_type \"a\ufffdb\ufffd\"");
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "\"model_type\": \"bert\" | \"is_decoder\": true, \"model_type\": \"bert\" | is no encoder",
                    "\"model_type\": \"bert\" | \"pad_token_id\": 2147483647, \"model_type\": \"roberta\" | leaves no positions"
                })
        void takesNoEncoderThatReadsOtherwise(String text, String to, String message) throws IOException {
            give("bert");
            String config =
                    Files.readString(given.resolve("config.json")).replaceAll("\"(is_decoder|pad_token_id)\".*\n", "");
            Files.writeString(given.resolve("config.json"), config);
            change("config.json", text, to);

            expect("text-classification", message);
        }

        @Test
        void takesNoNetworkThatComputesOtherwise() throws IOException {
            give("basic");
            Files.writeString(given.resolve("config.json"), "{\"architecture\": \"resnetblur50\"}");

            expect("image-classification", "architecture \"resnetblur50\"");
        }

        @Test
        void takesNoNetworkOfNothing() throws IOException {
            Safetensors.write(
                    given.resolve("model.safetensors"),
                    Map.of(
                            "conv1.weight", Tensor.of(new float[0], 1L << 32, 0, 7, 7),
                            "layer1.0.conv1.weight", Tensor.of(new float[0], 0, 0, 3, 3)),
                    Map.of());

            expect("image-classification", "of up to 4096 channels");
        }

        @Test
        void takesNoNetworkWithNegativeVariances() throws IOException {
            give("basic");
            Map<String, Tensor> weights = Safetensors.read(given.resolve("model.safetensors"));
            weights.get("bn1.running_var").values()[0] = -1;
            Safetensors.write(given.resolve("model.safetensors"), weights, Map.of());

            expect("image-classification", "bn1.running_var holds variances below 0");
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
