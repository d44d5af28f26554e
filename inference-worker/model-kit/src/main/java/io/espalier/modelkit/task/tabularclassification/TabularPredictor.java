package io.espalier.modelkit.task.tabularclassification;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.onnx.Softmax;
import io.espalier.modelkit.task.Predictor;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * {@code numeric}, float32 [batch, numbers], and {@code categorical}, int64 [batch, columns], to {@code logits}, float32
 * [batch, labels]. A graph over numbers alone, or categories alone, has only that input.
 */
final class TabularPredictor implements Predictor {
    private final TabularTransform transform;
    private final OnnxModel model;

    TabularPredictor(TabularTransform transform, OnnxModel model) {
        this.transform = transform;
        this.model = model;
    }

    @Override
    public Prepared prepare(JsonNode input, String path) {
        return transform.encode(input, path);
    }

    @Override
    public List<float[]> predict(List<? extends Prepared> batch) {
        try (var feed = new OnnxModel.Feed()) {
            if (model.inputs().contains("numeric")) {
                FloatBuffer numbers = feed.floats("numeric", batch.size(), transform.numericWidth());
                batch.forEach(row -> numbers.put(((TabularTransform.Row) row).numeric()));
            }
            if (model.inputs().contains("categorical")) {
                LongBuffer indices = feed.longs(
                        "categorical",
                        batch.size(),
                        transform.categoricalSizes().size());
                batch.forEach(row -> indices.put(((TabularTransform.Row) row).categorical()));
            }
            float[][] scores = model.run(feed, "logits");
            for (float[] row : scores) {
                Softmax.apply(row);
            }
            return List.of(scores);
        }
    }

    @Override
    public List<Prepared> samples() {
        return List.of(transform.encode(JsonNodeFactory.instance.objectNode(), "sample"));
    }

    @Override
    public void close() {
        model.close();
    }
}
