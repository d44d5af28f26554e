package io.espalier.modelkit.task;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.onnx.Softmax;
import io.espalier.modelkit.request.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A predictor of one label among several: a transform, and a graph to {@code logits}, float32 [batch, labels], of which softmax
 * makes the scores. A task says how an input is encoded and how encoded ones fill the graph's inputs.
 *
 * @param <E> an encoded input
 */
public abstract class Classifier<E extends Predictor.Prepared> implements Predictor {
    private static final String OUTPUT = "logits";
    private static final String TOP_K = "top_k";

    private final List<String> labels;
    private final OnnxModel model;

    /**
     * @param labels in the order of the graph's outputs
     * @param model closed by {@link #close}
     */
    protected Classifier(List<String> labels, OnnxModel model) {
        this.labels = List.copyOf(labels);
        this.model = model;
    }

    /** @param topK as in {@link ScoredLabels} */
    private record Asked<E extends Prepared>(
            E input, @Nullable Integer topK) implements Prepared {
        @Override
        public int length() {
            return input.length();
        }
    }

    @Override
    public final Prepared prepare(JsonNode input, Parameters parameters, String path) {
        parameters.requireKnown(List.of(TOP_K));
        Integer topK = parameters.count(TOP_K, Integer.MAX_VALUE, "for all labels");
        return new Asked<>(encode(input, path), topK);
    }

    /** As {@link Predictor#prepare} does, whatever the parameters. */
    protected abstract E encode(JsonNode input, String path);

    /** As {@link Predictor#samples} are. */
    protected abstract List<E> typical();

    /**
     * Fills the inputs of the graph.
     *
     * @param feed empty; its tensors are made here
     * @param batch in the order of the rows. A row that is padded to the length of a longer one must be marked so that the graph
     *     answers as if it were alone
     */
    protected abstract void fill(OnnxModel.Feed feed, List<E> batch);

    @Override
    public final List<Prepared> samples() {
        return typical().stream()
                .<Prepared>map(input -> new Asked<>(input, null))
                .toList();
    }

    @Override
    public final List<ScoredLabels> predict(List<? extends Prepared> batch) {
        return scores(batch, model::run);
    }

    @Override
    public final List<ScoredLabels> predictAlone(List<? extends Prepared> batch) {
        return scores(batch, model::runAlone);
    }

    private List<ScoredLabels> scores(
            List<? extends Prepared> batch, BiFunction<OnnxModel.Feed, String, float[][]> run) {
        @SuppressWarnings("unchecked") // This predictor prepared them.
        List<Asked<E>> asked = (List<Asked<E>>) batch;
        try (var feed = new OnnxModel.Feed()) {
            fill(feed, asked.stream().map(Asked::input).toList());
            float[][] scores = run.apply(feed, OUTPUT);
            List<ScoredLabels> answers = new ArrayList<>(scores.length);
            for (int i = 0; i < scores.length; i++) {
                Softmax.apply(scores[i]);
                answers.add(new ScoredLabels(labels, scores[i], asked.get(i).topK()));
            }
            return answers;
        }
    }

    @Override
    public void close() {
        model.close();
    }
}
