package io.espalier.modelkit.task.textclassification;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.onnx.Softmax;
import io.espalier.modelkit.task.Predictor;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/**
 * {@code input_ids} and {@code attention_mask}, int64 [batch, length], to {@code logits}, float32 [batch, labels]. Shorter
 * rows are padded with id 0 under mask 0, which the graph must not let through to other positions.
 */
final class TextPredictor implements Predictor {
    private final TextTransform transform;
    private final OnnxModel model;

    TextPredictor(TextTransform transform, OnnxModel model) {
        this.transform = transform;
        this.model = model;
    }

    /** @param ids as the tokenizer gave them, special tokens included */
    record Tokens(long[] ids) implements Prepared {
        @Override
        public int length() {
            return ids.length;
        }
    }

    @Override
    public Prepared prepare(JsonNode input, String path) {
        if (!input.isString()) {
            throw refuse(ProblemType.INVALID_INPUT, path, "must be a text");
        }
        String text = input.stringValue();
        if (text.isBlank()) {
            throw refuse(ProblemType.INVALID_INPUT, path, "is empty; it must be a text");
        }
        if (text.length() > TextClassificationKit.MAX_CHARACTERS) {
            int characters = text.codePointCount(0, text.length());
            if (characters > TextClassificationKit.MAX_CHARACTERS) {
                throw refuse(
                        ProblemType.INPUT_TOO_LONG,
                        path,
                        "has %d characters; at most %d are read"
                                .formatted(characters, TextClassificationKit.MAX_CHARACTERS));
            }
        }
        return new Tokens(transform.encode(text));
    }

    @Override
    public List<float[]> predict(List<? extends Prepared> batch) {
        return predict(batch, model::run);
    }

    @Override
    public List<float[]> predictAlone(List<? extends Prepared> batch) {
        return predict(batch, model::runAlone);
    }

    private static List<float[]> predict(
            List<? extends Prepared> batch, BiFunction<OnnxModel.Feed, String, float[][]> run) {
        int length = 0;
        for (Prepared one : batch) {
            length = Math.max(length, one.length());
        }
        try (var feed = new OnnxModel.Feed()) {
            LongBuffer ids = feed.longs("input_ids", batch.size(), length);
            LongBuffer mask = feed.longs("attention_mask", batch.size(), length);
            for (int row = 0; row < batch.size(); row++) {
                long[] tokens = ((Tokens) batch.get(row)).ids();
                ids.put(row * length, tokens);
                for (int i = 0; i < tokens.length; i++) {
                    mask.put(row * length + i, 1);
                }
            }
            float[][] scores = run.apply(feed, "logits");
            for (float[] row : scores) {
                Softmax.apply(row);
            }
            return List.of(scores);
        }
    }

    @Override
    public List<Prepared> samples() {
        List<Prepared> samples = new ArrayList<>();
        for (int length = 8; length < transform.maxLength(); length *= 2) {
            samples.add(new Tokens(transform.encode("a ".repeat(length - 2))));
        }
        samples.add(new Tokens(transform.encode("a ".repeat(transform.maxLength()))));
        return samples;
    }

    @Override
    public void close() {
        model.close();
        transform.close();
    }

    private static ProblemException refuse(ProblemType type, String path, String message) {
        return new ProblemException(type, path + ": " + message, List.of(new FieldError(path, message)));
    }
}
