package io.espalier.training.catalog;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.process.FileTrees;
import io.espalier.training.weights.OnnxWeights;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Brings the platform's base models into the object store, each as a folder of {@code config.json},
 * {@code model.safetensors}, {@code tokenizer.json} and {@code card.md}. Conversion is deterministic, so workers that start
 * at the same time write the same bytes; the marker comes last, so what has one is whole.
 */
public final class BaseModels {
    public static final String WEIGHTS_FILE = "model.safetensors";
    public static final String TOKENIZER_FILE = "tokenizer.json";
    public static final String CARD_FILE = "card.md";

    /** Says that the folder is whole; its content is the version of the conversion. */
    private static final String MARKER = "complete";

    /** Changes when the conversion writes other bytes, and so has everything published anew. */
    private static final byte[] VERSION = "1\n".getBytes(StandardCharsets.US_ASCII);

    private static final Logger LOG = LoggerFactory.getLogger(BaseModels.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private BaseModels() {}

    public static List<String> names() {
        return BaseModel.ALL.stream().map(BaseModel::name).toList();
    }

    /** Publishes what the store does not have yet. A look at one small object each where it has all. Idempotent. */
    public static void ensurePublished(ObjectStore store) {
        for (BaseModel model : BaseModel.ALL) {
            String prefix = ObjectKeys.platformBaseModel(model.name());
            if (!published(store, prefix)) {
                publish(model, prefix, store);
            }
        }
    }

    /** Writes the files of a base model that is on the class path, without an object store. */
    public static void write(String name, Path folder) throws IOException {
        BaseModel model = BaseModel.ALL.stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("There is no base model " + name));
        convert(model, folder);
    }

    private static boolean published(ObjectStore store, String prefix) {
        return store.exists(prefix + MARKER) && Arrays.equals(store.get(prefix + MARKER), VERSION);
    }

    private static void publish(BaseModel model, String prefix, ObjectStore store) {
        long start = System.nanoTime();
        try {
            Path folder = Files.createTempDirectory("espalier-base-model-");
            try {
                convert(model, folder);
                store.uploadDirectory(prefix, folder);
                store.put(prefix + MARKER, VERSION);
            } finally {
                FileTrees.delete(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The base model " + model.name() + " could not be published", e);
        }
        LOG.info("Published the base model {} in {} ms", model.name(), (System.nanoTime() - start) / 1_000_000);
    }

    private static void convert(BaseModel model, Path folder) throws IOException {
        Map<String, Tensor> weights = OnnxWeights.read(resource(model.onnx()));
        Path file = folder.resolve(WEIGHTS_FILE);
        Safetensors.write(file, weights, Map.of("format", "pt"));
        config(model, weights).write(folder.resolve(EncoderConfig.FILE));
        Files.write(folder.resolve(TOKENIZER_FILE), tokenizer(resource(model.tokenizer())));
        long parameters = weights.values().stream()
                .mapToLong(tensor -> tensor.values().length)
                .sum();
        Files.writeString(folder.resolve(CARD_FILE), model.card(parameters, Files.size(file)));
    }

    /** All sizes are those of the weights; what weights cannot say, the catalog does. */
    private static EncoderConfig config(BaseModel model, Map<String, Tensor> weights) {
        Tensor words = Weights.named(weights, "embeddings.word_embeddings.weight");
        int layers = 0;
        while (weights.containsKey("encoder.layer." + layers + ".output.dense.weight")) {
            layers++;
        }
        return new EncoderConfig(
                "bert",
                "gelu",
                words.dimension(1),
                layers,
                model.heads(),
                Weights.named(weights, "encoder.layer.0.intermediate.dense.weight")
                        .dimension(0),
                words.dimension(0),
                Weights.named(weights, "embeddings.position_embeddings.weight").dimension(0),
                Weights.named(weights, "embeddings.token_type_embeddings.weight")
                        .dimension(0),
                BaseModel.LAYER_NORM_EPSILON,
                model.pooling());
    }

    /** As published, but without the padding and the length that its exporter left in: those are the model's business. */
    private static byte[] tokenizer(byte[] published) {
        ObjectNode tokenizer = (ObjectNode) JSON.readTree(published);
        tokenizer.putNull("truncation");
        tokenizer.putNull("padding");
        return JSON.writeValueAsBytes(tokenizer);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = BaseModels.class.getResourceAsStream("/" + name)) {
            if (in == null) {
                throw new FileNotFoundException("The class path does not hold " + name);
            }
            return in.readAllBytes();
        }
    }
}
