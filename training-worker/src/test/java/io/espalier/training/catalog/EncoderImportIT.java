package io.espalier.training.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.catalog.EncoderImport.Encoder;
import io.espalier.training.export.BertClassifier;
import io.espalier.training.export.Float32;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.TensorSource;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Encoders that transformers saved, with what they said there ({@code src/test/resources/imports/make.py}). */
class EncoderImportIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path folder;

    private static Path resource(String name) {
        return Path.of("src/test/resources/imports").resolve(name);
    }

    private static Encoder read(Path config, Path weights) throws IOException {
        try (var opened = ImportedWeights.open(weights)) {
            Encoder encoder = EncoderImport.read(ImportFolder.object(config), opened.tensors());
            Map<String, TensorSource> loaded = new HashMap<>();
            encoder.weights().forEach((name, tensor) -> loaded.put(name, tensor.read()));
            return new Encoder(encoder.config(), loaded);
        }
    }

    private static Encoder imported(String name) throws IOException {
        return read(resource(name + "/config.json"), resource(name + "/model.safetensors"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"bert", "distilbert", "roberta"})
    void saysWhatItSaidInTransformers(String name) throws Exception {
        Encoder encoder = imported(name);
        JsonNode outputs = JSON.readTree(Files.readAllBytes(resource(name + "/outputs.json")));
        Path graph = folder.resolve("model.onnx");
        transparent(encoder).graph(new Float32()).write(graph);

        try (OnnxModel model = OnnxModel.open(graph, 1)) {
            for (int text = 0; text < outputs.path("ids").size(); text++) {
                long[] ids = outputs.path("ids")
                        .get(text)
                        .valueStream()
                        .mapToLong(JsonNode::asLong)
                        .toArray();
                double[] expected = outputs.path("means")
                        .get(text)
                        .valueStream()
                        .mapToDouble(JsonNode::asDouble)
                        .toArray();
                float[] mean = mean(model, ids);
                for (int i = 0; i < expected.length; i++) {
                    assertThat((double) mean[i]).isCloseTo(expected[i], within(1e-4));
                }
            }
        }
    }

    /** Its logits are the mean of the states. */
    private static BertClassifier transparent(Encoder encoder) {
        int width = encoder.config().hiddenSize();
        float[] identity = new float[width * width];
        for (int i = 0; i < width; i++) {
            identity[i * width + i] = 1;
        }
        Map<String, Tensor> weights = new HashMap<>();
        encoder.weights().forEach((name, tensor) -> weights.put(name, tensor.read()));
        weights.put("classifier.weight", Tensor.of(identity, width, width));
        weights.put("classifier.bias", Tensor.of(new float[width], width));
        return new BertClassifier(encoder.config(), weights);
    }

    private static float[] mean(OnnxModel model, long[] ids) {
        try (var feed = new OnnxModel.Feed()) {
            feed.longs(BertClassifier.INPUT_IDS, 1, ids.length).put(ids);
            long[] ones = new long[ids.length];
            Arrays.fill(ones, 1);
            feed.longs(BertClassifier.ATTENTION_MASK, 1, ids.length).put(ones);
            return model.run(feed, BertClassifier.LOGITS)[0];
        }
    }

    @Nested
    class Refusing {
        private Path config(String change, String to) throws IOException {
            String text = Files.readString(resource("bert/config.json"));
            assertThat(text).contains(change);
            return Files.writeString(folder.resolve("config.json"), text.replace(change, to));
        }

        private Path weights(Map<String, Tensor> changes, String... removed) throws IOException {
            Map<String, Tensor> weights = Safetensors.read(resource("bert/model.safetensors"));
            weights.putAll(changes);
            weights.keySet().removeAll(Arrays.asList(removed));
            Path file = folder.resolve("model.safetensors");
            Safetensors.write(file, weights, Map.of());
            return file;
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "\"model_type\": \"bert\" | \"model_type\": \"gpt2\" | model_type \"gpt2\"",
                    "\"hidden_act\": \"gelu\" | \"hidden_act\": \"relu\" | activation \"relu\"",
                    "\"num_attention_heads\": 4 | \"num_attention_heads\": 5 | 5 heads do not divide 32",
                    "\"hidden_size\": 32 | \"hidden_size\": \"wide\" | hidden_size is not a positive whole number",
                    "\"hidden_size\": 32 | \"hidden_size\": 64 | has the shape [60, 32]",
                    "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 3 | encoder.layer.2.attention.self.query.weight [32, 32] is missing",
                    "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 1 | encoder.layer.1.output.dense.weight is none of the architecture's",
                    "\"num_hidden_layers\": 2 | \"num_hidden_layers\": 100000 | at most 100"
                })
        void saysWhichPartOfTheConfigurationDoesNotFit(String change, String to, String message) throws Exception {
            Path config = config(change, to);

            assertThatThrownBy(() -> read(config, resource("bert/model.safetensors")))
                    .isInstanceOf(ImportRefusedException.class)
                    .hasMessageContaining(message);
        }

        @Test
        void listsEveryTensorThatIsMissingUnknownMisshapenOrNotFinite() throws Exception {
            Path file = weights(
                    Map.of(
                            "bert.encoder.layer.0.output.dense.bias",
                            Tensor.of(new float[31], 31),
                            "bert.encoder.layer.1.output.dense.bias",
                            Tensor.of(filledWithNan(32), 32),
                            "bert.adapter.weight",
                            Tensor.of(new float[4], 2, 2)),
                    "bert.embeddings.LayerNorm.bias");

            assertThatThrownBy(() -> read(resource("bert/config.json"), file))
                    .isInstanceOfSatisfying(
                            ImportRefusedException.class,
                            e -> assertThat(e.problems())
                                    .containsExactlyInAnyOrder(
                                            "The tensor embeddings.LayerNorm.bias [32] is missing.",
                                            "The tensor encoder.layer.0.output.dense.bias has the shape [31]; its architecture and configuration want [32].",
                                            "The tensor encoder.layer.1.output.dense.bias holds values that are not finite numbers.",
                                            "The tensor adapter.weight is none of the architecture's."));
        }

        private static float[] filledWithNan(int size) {
            float[] values = new float[size];
            values[size / 2] = Float.NaN;
            return values;
        }

        @Test
        void saysOfAPickleWhatItIs() throws Exception {
            Path zip = Files.write(folder.resolve("pytorch_model.bin"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0, 0});
            Path bare =
                    Files.write(folder.resolve("model.pkl"), new byte[] {(byte) 0x80, 2, '}', 'q', 0, '.', 0, 0, 0});

            for (Path file : new Path[] {zip, bare}) {
                assertThatThrownBy(() -> read(resource("bert/config.json"), file))
                        .isInstanceOf(ImportRefusedException.class)
                        .hasMessageContaining("pickle");
            }
        }

        @Test
        void saysOfOtherFilesWhatTheyAreNot() throws Exception {
            Path text = Files.write(folder.resolve("a"), "hello, world".getBytes(StandardCharsets.US_ASCII));

            assertThatThrownBy(() -> read(text, resource("bert/model.safetensors")))
                    .isInstanceOf(ImportRefusedException.class)
                    .hasMessageContaining("not a JSON object");
            assertThatThrownBy(() -> read(resource("bert/config.json"), text))
                    .isInstanceOf(ImportRefusedException.class)
                    .hasMessageContaining("no readable safetensors");
        }
    }
}
