package io.espalier.modelkit.task.textclassification;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Classifier;
import io.espalier.modelkit.task.Predictor;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * {@code input_ids} and {@code attention_mask}, int64 [batch, length], to {@code logits}, float32 [batch, labels]. Shorter
 * rows are padded with id 0 under mask 0, which the graph must not let through to other positions.
 */
final class TextPredictor extends Classifier<TextPredictor.Tokens> {
    private final TextTransform transform;

    TextPredictor(List<String> labels, TextTransform transform, OnnxModel model) {
        super(labels, model);
        this.transform = transform;
    }

    /** @param ids as the tokenizer gave them, special tokens included */
    record Tokens(long[] ids) implements Predictor.Prepared {
        @Override
        public int length() {
            return ids.length;
        }
    }

    @Override
    protected Tokens encode(JsonNode input, String path) {
        if (!input.isString()) {
            throw ProblemException.ofField(ProblemType.INVALID_INPUT, path, "must be a text");
        }
        String text = input.stringValue();
        if (text.isBlank()) {
            throw ProblemException.ofField(ProblemType.INVALID_INPUT, path, "is empty; it must be a text");
        }
        if (text.length() > TextClassificationKit.MAX_CHARACTERS) {
            int characters = text.codePointCount(0, text.length());
            if (characters > TextClassificationKit.MAX_CHARACTERS) {
                throw ProblemException.ofField(
                        ProblemType.INPUT_TOO_LONG,
                        path,
                        "has %d characters; at most %d are read"
                                .formatted(characters, TextClassificationKit.MAX_CHARACTERS));
            }
        }
        return new Tokens(transform.encode(text));
    }

    @Override
    protected void fill(OnnxModel.Feed feed, List<Tokens> batch) {
        TextTransform.fill(feed, batch.stream().map(Tokens::ids).toList());
    }

    @Override
    protected List<Tokens> typical() {
        List<Tokens> samples = new ArrayList<>();
        for (int length = 8; length < transform.maxLength(); length *= 2) {
            samples.add(new Tokens(transform.encode("a ".repeat(length - 2))));
        }
        samples.add(new Tokens(transform.encode("a ".repeat(transform.maxLength()))));
        return samples;
    }

    @Override
    public void close() {
        super.close();
        transform.close();
    }
}
