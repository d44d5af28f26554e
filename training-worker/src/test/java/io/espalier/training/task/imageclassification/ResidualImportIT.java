package io.espalier.training.task.imageclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.catalog.ImportRefusedException;
import io.espalier.training.catalog.ImportedWeights;
import io.espalier.training.export.Float32;
import io.espalier.training.program.Network;
import io.espalier.training.program.Program;
import io.espalier.training.task.Examples.HostTensor;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.imageclassification.ResidualImport.Imported;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Residual networks that timm made, with what they said there ({@code src/test/resources/imports/make.py}). */
class ResidualImportIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int SIZE = 48;

    @TempDir
    Path folder;

    private static Path resource(String name) {
        return Path.of("src/test/resources/imports").resolve(name);
    }

    private static float[] numbers(JsonNode list) {
        float[] numbers = new float[list.size()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) list.get(i).asDouble();
        }
        return numbers;
    }

    /** A network with its weights, which outlast their file. */
    private record Loaded(ResidualNetwork network, Map<String, Tensor> weights) {}

    private static Loaded read(Path file) throws IOException {
        try (var opened = ImportedWeights.open(file)) {
            Imported imported = ResidualImport.read(opened.tensors());
            Map<String, Tensor> weights = new HashMap<>();
            imported.weights().forEach((name, tensor) -> weights.put(name, tensor.read()));
            return new Loaded(imported.network(), weights);
        }
    }

    /** Its logits are the features that a head would read. */
    private static Map<String, Tensor> transparent(Loaded imported) {
        int width = imported.network().features();
        float[] identity = new float[width * width];
        for (int i = 0; i < width; i++) {
            identity[i * width + i] = 1;
        }
        Map<String, Tensor> weights = new HashMap<>(imported.weights());
        weights.put("fc.weight", Tensor.of(identity, width, width));
        weights.put("fc.bias", Tensor.of(new float[width], width));
        return weights;
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic", "bottleneck"})
    void saysInServingWhatItSaidInTimm(String name) throws Exception {
        Loaded imported = read(resource(name + "/model.safetensors"));
        JsonNode outputs = JSON.readTree(Files.readAllBytes(resource(name + "/outputs.json")));
        Path graph = folder.resolve("model.onnx");
        imported.network().graph(new Float32(), transparent(imported), SIZE).write(graph);

        try (OnnxModel model = OnnxModel.open(graph, 1);
                var feed = new OnnxModel.Feed()) {
            feed.floats(ImageNetwork.PIXEL_VALUES, 2, 3, SIZE, SIZE).put(numbers(outputs.path("pixels")));
            assertSame(model.run(feed, ImageNetwork.LOGITS), outputs);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"basic", "bottleneck"})
    void saysInTrainingWhatItSaidInTimm(String name) throws Exception {
        Loaded imported = read(resource(name + "/model.safetensors"));
        JsonNode outputs = JSON.readTree(Files.readAllBytes(resource(name + "/outputs.json")));
        Map<String, Tensor> weights = transparent(imported);
        List<Parameter> parameters = new ArrayList<>();
        for (Parameter parameter : imported.network().parameters(imported.weights(), 1, 1)) {
            parameters.add(new Parameter(
                    parameter.name(), parameter.group(), weights.getOrDefault(parameter.name(), parameter.initial())));
        }

        try (Network network = Network.load(program(imported.network(), false), parameters, Device.cpu())) {
            assertSame(
                    network.logits(List.of(new HostTensor.Floats(numbers(outputs.path("pixels")), 2, 3, SIZE, SIZE))),
                    outputs);
        }
    }

    private static void assertSame(float[][] features, JsonNode outputs) {
        for (int image = 0; image < features.length; image++) {
            float[] expected = numbers(outputs.path("features").get(image));
            assertThat(features[image]).hasSameSizeAs(expected);
            for (int i = 0; i < expected.length; i++) {
                assertThat(features[image][i])
                        .isCloseTo(expected[i], within(1e-4f * Math.max(1, Math.abs(expected[i]))));
            }
        }
    }

    private static Program program(ResidualNetwork network, boolean headOnly) {
        Map<String, Object> attributes = new HashMap<>(network.attributes());
        attributes.putAll(Map.of(
                "dropout", 0.0,
                "label_smoothing", 0.0,
                "momentum", 0.9,
                "weight_decay", 0.0,
                "max_gradient_norm", 1000.0,
                "mixed", false,
                "mixes", false,
                "head_only", headOnly,
                "layer_decay", 0.5));
        return new Program(network.program(), attributes);
    }

    @Test
    void trainsTheHeadAlone() throws Exception {
        Loaded imported = read(resource("basic/model.safetensors"));
        List<Parameter> parameters = imported.network().parameters(imported.weights(), 2, 1);

        try (Network network = Network.load(program(imported.network(), true), parameters, Device.cpu())) {
            Map<String, Tensor> before = network.weights();
            float first = step(network, 1, 0.05).loss();
            for (int number = 2; number <= 20; number++) {
                step(network, number, 0.05);
            }

            assertThat(step(network, 21, 0.05).loss()).isLessThan(first);
            network.weights().forEach((name, tensor) -> {
                if (name.startsWith("fc.")) {
                    assertThat(tensor).as(name).isNotEqualTo(before.get(name));
                } else {
                    assertThat(tensor).as(name).isEqualTo(before.get(name));
                }
            });
        }
    }

    /**
     * By half for each stage below the head, and one more for the stem, as PyTorch's parameter groups have it: a rate is that of
     * the decay too.
     */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.1})
    void trainsLowerStagesMoreSlowly(double weightDecay) throws Exception {
        Loaded imported = read(resource("basic/model.safetensors"));
        List<Parameter> parameters = imported.network().parameters(imported.weights(), 2, 1);
        Map<String, Tensor> even = afterAStep(imported.network(), parameters, 1, weightDecay);
        Map<String, Tensor> decaying = afterAStep(imported.network(), parameters, 0.5, weightDecay);

        Map<String, Double> factors = Map.of(
                "conv1.weight", 1 / 32.0,
                "bn1.bias", 1 / 32.0,
                "layer1.1.conv2.weight", 1 / 16.0,
                "layer2.0.downsample.0.weight", 1 / 8.0,
                "layer4.1.bn2.weight", 1 / 2.0,
                "fc.weight", 1.0);
        for (Parameter parameter : parameters) {
            String name = parameter.name();
            if (factors.containsKey(name)) {
                float[] initial = parameter.initial().values();
                float[] all = even.get(name).values();
                float[] part = decaying.get(name).values();
                for (int i = 0; i < part.length; i++) {
                    assertThat((double) part[i] - initial[i])
                            .as(name)
                            .isCloseTo(factors.get(name) * (all[i] - initial[i]), within(1e-5));
                }
            }
        }
    }

    private static Map<String, Tensor> afterAStep(
            ResidualNetwork architecture, List<Parameter> parameters, double layerDecay, double weightDecay)
            throws IOException {
        Program program = program(architecture, false);
        Map<String, Object> attributes = new HashMap<>(program.attributes());
        attributes.put("layer_decay", layerDecay);
        attributes.put("weight_decay", weightDecay);
        try (Network network = Network.load(new Program(program.resource(), attributes), parameters, Device.cpu())) {
            step(network, 1, 1);
            return network.weights();
        }
    }

    private static Network.StepResult step(Network network, int number, double rate) {
        float[] pixels = new float[4 * 3 * SIZE * SIZE];
        Random random = new Random(3);
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) random.nextGaussian();
        }
        return network.step(
                List.of(
                        new HostTensor.Floats(pixels, 4, 3, SIZE, SIZE),
                        new HostTensor.Floats(new float[] {1}, 1),
                        new HostTensor.Longs(new long[] {0, 1, 0, 1}, 4),
                        new HostTensor.Floats(new float[] {1, 1}, 2),
                        new HostTensor.Longs(new long[] {0, 1, 0, 1}, 4)),
                1,
                number,
                rate,
                rate);
    }

    @Test
    void listsWhatIsWrongWithTheTensors() throws IOException {
        Map<String, Tensor> weights = Safetensors.read(resource("basic/model.safetensors"));
        weights.remove("layer2.0.bn1.running_var");
        weights.put("layer1.0.conv2.weight", Tensor.of(new float[9], 1, 1, 3, 3));
        weights.put("attention.weight", Tensor.of(new float[1], 1));
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, weights, Map.of());

        assertThatThrownBy(() -> read(file))
                .isInstanceOfSatisfying(
                        ImportRefusedException.class,
                        e -> assertThat(e.problems()).hasSize(3));
    }

    @Test
    void saysWhichNetworksItKnows() throws IOException {
        Path file = folder.resolve("model.safetensors");
        Safetensors.write(file, Map.of("features.0.weight", Tensor.of(new float[1], 1)), Map.of());

        assertThatThrownBy(() -> read(file))
                .isInstanceOf(ImportRefusedException.class)
                .hasMessageContaining("torchvision and timm");
    }
}
