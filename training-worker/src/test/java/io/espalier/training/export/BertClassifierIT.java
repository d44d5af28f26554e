package io.espalier.training.export;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.catalog.EncoderConfig.Pooling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Against ONNX Runtime and the base models as their authors exported them. */
class BertClassifierIT {
    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"all-MiniLM-L6-v2, all-minilm-l6-v2.onnx, MEAN", "bge-small-zh-v1.5, bge-small-zh-v1.5.onnx, CLS"})
    void agreesWithTheOriginalGraph(String name, String resource, Pooling pooling) throws Exception {
        BertClassifier network = Networks.transparent(name, folder);
        List<long[]> texts = Networks.tokens(folder, Networks.TEXTS);
        float[][] original = originalEmbeddings(resource, texts, pooling);

        network.graph(new Float32()).write(folder.resolve("fp32.onnx"));
        float[][] alone;
        float[][] together;
        try (OnnxModel model = OnnxModel.open(folder.resolve("fp32.onnx"), 1)) {
            alone = Scores.alone(model, texts);
            together = Scores.of(model, texts);
        }

        assertThat(Scores.largestDifference(alone, original)).isLessThan(1e-4);
        assertThat(Scores.largestDifference(together, original)).isLessThan(1e-4);

        Int8 int8 = network.calibrated(texts);
        network.graph(int8).write(folder.resolve("int8.onnx"));
        float[][] quantized;
        float[][] quantizedTogether;
        try (OnnxModel model = OnnxModel.open(folder.resolve("int8.onnx"), 1)) {
            quantized = Scores.alone(model, texts);
            quantizedTogether = Scores.of(model, texts);
        }

        assertThat(Scores.largestDifference(quantized, quantizedTogether)).isLessThan(1e-4);
        for (int row = 0; row < texts.size(); row++) {
            // With 8 bits, which saturate on processors without VNNI, the second model is at 0.846 there.
            assertThat(Scores.cosine(quantized[row], original[row])).isGreaterThan(0.95);
        }
        assertThat(folder.resolve("int8.onnx").toFile().length())
                .isLessThan(folder.resolve("fp32.onnx").toFile().length() * 3 / 10);
    }

    private static float[][] originalEmbeddings(String resource, List<long[]> texts, Pooling pooling) throws Exception {
        byte[] graph;
        try (var in = BertClassifierIT.class.getResourceAsStream("/" + resource)) {
            graph = in.readAllBytes();
        }
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        List<float[]> embeddings = new ArrayList<>();
        try (OrtSession session = environment.createSession(graph, new OrtSession.SessionOptions())) {
            for (long[] text : texts) {
                long[] ones = new long[text.length];
                Arrays.fill(ones, 1);
                try (var ids = OnnxTensor.createTensor(environment, new long[][] {text});
                        var mask = OnnxTensor.createTensor(environment, new long[][] {ones});
                        var types = OnnxTensor.createTensor(environment, new long[][] {new long[text.length]});
                        var result = session.run(
                                Map.of("input_ids", ids, "attention_mask", mask, "token_type_ids", types))) {
                    float[][] hidden = ((float[][][]) result.get(0).getValue())[0];
                    embeddings.add(pooling == Pooling.CLS ? hidden[0] : mean(hidden));
                }
            }
        }
        return embeddings.toArray(float[][]::new);
    }

    private static float[] mean(float[][] hidden) {
        float[] mean = new float[hidden[0].length];
        for (float[] token : hidden) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += token[i] / hidden.length;
            }
        }
        return mean;
    }

    @ParameterizedTest
    @EnumSource
    void writesEqualBytesForEqualNetworks(Pooling pooling) throws Exception {
        Path one = folder.resolve("one.onnx");
        Path other = folder.resolve("other.onnx");

        Networks.small(pooling, 3).graph(new Float32()).write(one);
        Networks.small(pooling, 3).graph(new Float32()).write(other);

        assertThat(one).hasSameBinaryContentAs(other);
    }

    @Test
    void countsNothingOfAMaskedPosition() throws Exception {
        BertClassifier network = Networks.small(Pooling.MEAN, 3);
        network.graph(new Float32()).write(folder.resolve("fp32.onnx"));

        try (OnnxModel model = OnnxModel.open(folder.resolve("fp32.onnx"), 1)) {
            assertThat(model.width(BertClassifier.LOGITS)).isEqualTo(3);
            float[][] alone = Scores.of(model, List.of(new long[] {5, 6, 7}));
            float[][] padded = Scores.of(model, List.of(new long[] {5, 6, 7}, new long[40]));
            assertThat(padded[0]).containsExactly(alone[0], org.assertj.core.data.Offset.offset(1e-6f));
        }
    }
}
