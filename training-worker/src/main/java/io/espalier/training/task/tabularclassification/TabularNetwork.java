package io.espalier.training.task.tabularclassification;

import io.espalier.training.export.Arithmetic;
import io.espalier.training.export.OnnxGraph;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Two hidden layers over numbers and embedded categories: {@code numeric}, float32 [batch, numbers], and
 * {@code categorical}, int64 [batch, columns], to {@code logits}, float32 [batch, labels]. An input of no columns is left
 * out.
 *
 * @param numbers that a row has
 * @param categories that a row has
 * @param weights {@code embeddings.N.weight} [values, size], and {@code hidden.0}, {@code hidden.1}, {@code output}: each a weight
 *     [out, in] and a bias
 */
record TabularNetwork(int numbers, int categories, Map<String, Tensor> weights) {
    static final String NUMERIC = "numeric";
    static final String CATEGORICAL = "categorical";
    static final String LOGITS = "logits";

    int labels() {
        return Weights.named(weights, "output.bias").values().length;
    }

    OnnxGraph graph(Arithmetic arithmetic) {
        OnnxGraph graph = new OnnxGraph();
        List<String> columns = new ArrayList<>();
        if (numbers > 0) {
            graph.floatInput(NUMERIC, "batch", numbers);
            columns.add(NUMERIC);
        }
        if (categories > 0) {
            graph.longInput(CATEGORICAL, "batch", categories);
        }
        for (int category = 0; category < categories; category++) {
            String name = "embeddings." + category + ".weight";
            Tensor table = Weights.named(weights, name);
            String indices = graph.node(
                    "Gather",
                    List.of(CATEGORICAL, graph.index("column." + category, category)),
                    OnnxGraph.integer("axis", 1));
            columns.add(arithmetic.gather(graph, indices, name, table.values(), table.dimension(1)));
        }
        String hidden = graph.node("Concat", columns, OnnxGraph.integer("axis", 1));
        hidden = graph.node("Relu", List.of(linear(graph, arithmetic, "hidden.0", hidden)));
        hidden = graph.node("Relu", List.of(linear(graph, arithmetic, "hidden.1", hidden)));
        graph.outputAs(LOGITS, linear(graph, arithmetic, "output", hidden), "batch", labels());
        return graph;
    }

    private String linear(OnnxGraph graph, Arithmetic arithmetic, String name, String input) {
        return arithmetic.linear(
                graph,
                input,
                name,
                Weights.named(weights, name + ".weight").values(),
                Weights.named(weights, name + ".bias").values());
    }
}
