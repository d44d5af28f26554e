package io.espalier.modelkit.task.tabularclassification;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Classifier;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * {@code numeric}, float32 [batch, numbers], and {@code categorical}, int64 [batch, columns], to {@code logits}, float32
 * [batch, labels]. A graph over numbers alone, or categories alone, has only that input.
 */
final class TabularPredictor extends Classifier<TabularTransform.Row> {
    private final TabularTransform transform;
    private final Set<String> inputs;

    TabularPredictor(List<String> labels, TabularTransform transform, OnnxModel model) {
        super(labels, model);
        this.transform = transform;
        this.inputs = model.inputs();
    }

    @Override
    protected TabularTransform.Row encode(JsonNode input, String path) {
        return transform.encode(input, path);
    }

    @Override
    protected void fill(OnnxModel.Feed feed, List<TabularTransform.Row> batch) {
        if (inputs.contains("numeric")) {
            FloatBuffer numbers = feed.floats("numeric", batch.size(), transform.numericWidth());
            batch.forEach(row -> numbers.put(row.numeric()));
        }
        if (inputs.contains("categorical")) {
            LongBuffer indices = feed.longs(
                    "categorical", batch.size(), transform.categoricalSizes().size());
            batch.forEach(row -> indices.put(row.categorical()));
        }
    }

    @Override
    protected List<TabularTransform.Row> typical() {
        return List.of(transform.encode(JsonNodeFactory.instance.objectNode(), "sample"));
    }
}
