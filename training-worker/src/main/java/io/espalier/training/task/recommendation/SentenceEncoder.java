package io.espalier.training.task.recommendation;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.textclassification.TextTransform;
import io.espalier.training.catalog.BaseModels;
import io.espalier.training.catalog.EncoderConfig;
import io.espalier.training.export.BertClassifier;
import io.espalier.training.export.Float32;
import io.espalier.training.weights.Safetensors;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** A base model as it is, its pooled hidden states the answer: texts to vectors of length 1. */
final class SentenceEncoder implements AutoCloseable {
    private static final int MOST_TOKENS = 128;
    private static final int BATCH = 32;

    private final OnnxModel model;
    private final TextTransform transform;
    private final int width;

    private SentenceEncoder(OnnxModel model, TextTransform transform, int width) {
        this.model = model;
        this.transform = transform;
        this.width = width;
    }

    /** @param work for a file of the moment */
    static SentenceEncoder open(Path baseModel, Path work) throws IOException {
        EncoderConfig config = EncoderConfig.read(baseModel.resolve(EncoderConfig.FILE));
        int width = config.hiddenSize();
        float[] identity = new float[width * width];
        for (int i = 0; i < width; i++) {
            identity[i * width + i] = 1;
        }
        Map<String, Tensor> weights = new HashMap<>(Safetensors.read(baseModel.resolve(BaseModels.WEIGHTS_FILE)));
        weights.put("classifier.weight", Tensor.of(identity, width, width));
        weights.put("classifier.bias", Tensor.of(new float[width], width));
        Path file = work.resolve("encoder.onnx");
        new BertClassifier(config, weights).graph(new Float32()).write(file);
        OnnxModel model = OnnxModel.open(file, 1);
        try {
            return new SentenceEncoder(
                    model,
                    TextTransform.open(
                            baseModel.resolve(TextTransform.TOKENIZER_ENTRY),
                            Math.min(MOST_TOKENS, config.maxPositions())),
                    width);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    int width() {
        return width;
    }

    /** The vectors of the texts, in their order. */
    float[][] encode(List<String> texts) {
        List<long[]> tokens = texts.stream().map(transform::encode).toList();
        int[] byLength = IntStream.range(0, tokens.size())
                .boxed()
                .sorted((a, b) -> Integer.compare(tokens.get(a).length, tokens.get(b).length))
                .mapToInt(Integer::intValue)
                .toArray();
        float[][] vectors = new float[texts.size()][];
        IntStream.range(0, (byLength.length + BATCH - 1) / BATCH).parallel().forEach(batch -> {
            int from = batch * BATCH;
            int to = Math.min(byLength.length, from + BATCH);
            try (var feed = new OnnxModel.Feed()) {
                TextTransform.fill(
                        feed,
                        IntStream.range(from, to)
                                .mapToObj(i -> tokens.get(byLength[i]))
                                .toList());
                float[][] found = model.run(feed, BertClassifier.LOGITS);
                for (int i = from; i < to; i++) {
                    vectors[byLength[i]] = unit(found[i - from]);
                }
            }
        });
        return vectors;
    }

    /** Scaled to length 1; zero stays zero. */
    static float[] unit(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        for (int i = 0; squares > 0 && i < vector.length; i++) {
            vector[i] = (float) (vector[i] / Math.sqrt(squares));
        }
        return vector;
    }

    @Override
    public void close() {
        model.close();
        transform.close();
    }
}
