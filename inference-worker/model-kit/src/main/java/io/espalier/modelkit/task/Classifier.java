package io.espalier.modelkit.task;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.onnx.Softmax;
import java.util.List;
import java.util.function.BiFunction;
import tools.jackson.databind.JsonNode;

/**
 * A predictor of one label among several: a transform, and a graph to {@code logits}, float32 [batch, labels], of which softmax
 * makes the scores. A task says how an input is prepared and how prepared ones fill the graph's inputs.
 *
 * @param <P> a prepared input
 */
public abstract class Classifier<P extends Predictor.Prepared> implements Predictor {
    private static final String OUTPUT = "logits";

    private final OnnxModel model;

    /** @param model closed by {@link #close} */
    protected Classifier(OnnxModel model) {
        this.model = model;
    }

    @Override
    public abstract P prepare(JsonNode input, String path);

    /**
     * Fills the inputs of the graph.
     *
     * @param feed empty; its tensors are made here
     * @param batch in the order of the rows. A row that is padded to the length of a longer one must be marked so that the graph
     *     answers as if it were alone
     */
    protected abstract void fill(OnnxModel.Feed feed, List<P> batch);

    @Override
    public final List<float[]> predict(List<? extends Prepared> batch) {
        return scores(batch, model::run);
    }

    @Override
    public final List<float[]> predictAlone(List<? extends Prepared> batch) {
        return scores(batch, model::runAlone);
    }

    private List<float[]> scores(List<? extends Prepared> batch, BiFunction<OnnxModel.Feed, String, float[][]> run) {
        @SuppressWarnings("unchecked") // This predictor prepared them.
        List<P> inputs = (List<P>) batch;
        try (var feed = new OnnxModel.Feed()) {
            fill(feed, inputs);
            float[][] scores = run.apply(feed, OUTPUT);
            for (float[] row : scores) {
                Softmax.apply(row);
            }
            return List.of(scores);
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
