package io.espalier.training.export;

import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.BaseModels;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Networks and texts to export and to run. */
final class Networks {
    static final List<String> TEXTS = List.of(
            "a stirring , funny and finally transporting re imagining of beauty and the beast and 1930s horror films",
            "apparently reassembled from the cutting room floor of any given daytime soap",
            "they presume their audience wo n't sit still for a sociology lesson",
            "Where is my parcel? It should have come on Tuesday.",
            "refund",
            "I was charged twice for one order and nobody answers the phone, please send the money back at once",
            "The blue one is lovely, but a size smaller than the label says.",
            "how do i reset my password",
            "ok",
            "这家店的送餐速度很快，味道也不错，下次还会再来。");

    private Networks() {}

    /** Small enough for milliseconds, with the structure of the real ones; weights are random. */
    static BertClassifier small(EncoderConfig.Pooling pooling, int labels) {
        EncoderConfig config = new EncoderConfig("bert", "gelu", 32, 2, 4, 64, 100, 48, 2, 1e-12, pooling);
        Random random = new Random(11);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        put(weights, random, "embeddings.word_embeddings.weight", 1, 100, 32);
        put(weights, random, "embeddings.position_embeddings.weight", 1, 48, 32);
        put(weights, random, "embeddings.token_type_embeddings.weight", 1, 2, 32);
        norm(weights, random, "embeddings.LayerNorm");
        for (int layer = 0; layer < 2; layer++) {
            String prefix = "encoder.layer." + layer + ".";
            for (String name : List.of("query", "key", "value")) {
                linear(weights, random, prefix + "attention.self." + name, 32, 32);
            }
            linear(weights, random, prefix + "attention.output.dense", 32, 32);
            norm(weights, random, prefix + "attention.output.LayerNorm");
            linear(weights, random, prefix + "intermediate.dense", 64, 32);
            linear(weights, random, prefix + "output.dense", 32, 64);
            norm(weights, random, prefix + "output.LayerNorm");
        }
        linear(weights, random, "classifier", labels, 32);
        return new BertClassifier(config, weights);
    }

    /** A base model whose logits are the pooled hidden states themselves. */
    static BertClassifier transparent(String baseModel, Path folder) throws IOException {
        EncoderConfig config = write(baseModel, folder);
        int width = config.hiddenSize();
        float[] identity = new float[width * width];
        for (int i = 0; i < width; i++) {
            identity[i * width + i] = 1;
        }
        return classifier(config, folder, identity, new float[width]);
    }

    static BertClassifier classifier(EncoderConfig config, Path folder, float[] weight, float[] bias)
            throws IOException {
        Map<String, Tensor> weights = Safetensors.read(folder.resolve(BaseModels.WEIGHTS_FILE));
        weights.put("classifier.weight", Tensor.of(weight, bias.length, config.hiddenSize()));
        weights.put("classifier.bias", Tensor.of(bias, bias.length));
        return new BertClassifier(config, weights);
    }

    static EncoderConfig write(String baseModel, Path folder) throws IOException {
        BaseModels.write(baseModel, folder);
        return EncoderConfig.read(folder.resolve(EncoderConfig.FILE));
    }

    static List<long[]> tokens(Path folder, List<String> texts) {
        try (var transform = TextTransform.open(folder.resolve(BaseModels.TOKENIZER_FILE), 128)) {
            return texts.stream().map(transform::encode).toList();
        }
    }

    private static void linear(Map<String, Tensor> weights, Random random, String name, int out, int in) {
        put(weights, random, name + ".weight", 1 / Math.sqrt(in), out, in);
        put(weights, random, name + ".bias", 0.1, out);
    }

    private static void norm(Map<String, Tensor> weights, Random random, String name) {
        put(weights, random, name + ".weight", 1, 32);
        put(weights, random, name + ".bias", 0.1, 32);
    }

    private static void put(Map<String, Tensor> weights, Random random, String name, double deviation, int... shape) {
        int elements = 1;
        long[] dimensions = new long[shape.length];
        for (int i = 0; i < shape.length; i++) {
            elements *= shape[i];
            dimensions[i] = shape[i];
        }
        float[] values = new float[elements];
        for (int i = 0; i < elements; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
        weights.put(name, new Tensor(dimensions, values));
    }
}
