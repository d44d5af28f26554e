package io.espalier.training.task.recommendation;

import io.espalier.modelkit.task.recommendation.RecommendationKit;
import io.espalier.training.export.OnnxGraph;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.Weights;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A function from a list of items to scores of all items: the sum of what each item of the list gives to its neighbours, and of
 * the products of all items' factors with those that fit the list. Where the list is empty, popularity.
 *
 * @param popularity [items]: the share of users who have each
 */
record RankingModel(
        Tensor popularity,
        @Nullable Neighbourhood neighbourhood,
        @Nullable Factors factors) {
    private static final String POPULARITY = "popularity";
    private static final String NEIGHBOURS = "neighbours";
    private static final String FACTORS = "factors";
    private static final String NEIGHBOURS_SCALE = "neighboursScale";
    private static final String FACTORS_SCALE = "factorsScale";
    private static final String CONFIDENCE = "confidence";

    /** What conjugate gradients may leave of the distance to a list's factors. */
    private static final double LEFT = 1e-4;

    private static final int MOST_STEPS = 32;

    /** Of popularity beside the scores: what has none is ranked by it, and nothing else is. */
    private static final float TIE = 1e-6f;

    /** Keeps a division by what is zero in rows that are fitted already from being one by zero. */
    private static final float TINY = 1e-20f;

    /**
     * @param neighbours [2, items, kept]: of each item which neighbours it has, then what it gives to each
     * @param scale of the scores
     */
    record Neighbourhood(Tensor neighbours, double scale) {
        Neighbourhood times(double factor) {
            return new Neighbourhood(neighbours, scale * factor);
        }
    }

    /**
     * Factors for which the L2 penalty and the products of all of them with each other add up to the identity: a user's are then found
     * without them.
     *
     * @param factors [items, factors]
     * @param confidence as in {@link Recipe.Als}
     * @param scale of the scores
     */
    record Factors(Tensor factors, double confidence, double scale) {
        Factors times(double factor) {
            return new Factors(factors, confidence, scale * factor);
        }

        /**
         * Of conjugate gradients that begin at zero. The matrix that they invert has no eigenvalue below 1 and, where no weight is above 1,
         * none above 1 + confidence, which bounds what each step leaves (Shewchuk 1994).
         */
        int steps() {
            double root = Math.sqrt(1 + confidence);
            double left = (root - 1) / (root + 1);
            return left == 0 ? 1 : (int) Math.clamp(Math.ceil(Math.log(LEFT / 2) / Math.log(left)), 1, MOST_STEPS);
        }
    }

    static RankingModel of(Map<String, Tensor> weights, Map<String, Object> architecture) {
        if (architecture.containsKey("l2")) {
            throw new IllegalArgumentException("These factors are those of an older release; train again.");
        }
        return new RankingModel(
                Weights.named(weights, POPULARITY),
                weights.get(NEIGHBOURS) instanceof Tensor neighbours
                        ? new Neighbourhood(neighbours, number(architecture, NEIGHBOURS_SCALE))
                        : null,
                weights.get(FACTORS) instanceof Tensor factors
                        ? new Factors(factors, number(architecture, CONFIDENCE), number(architecture, FACTORS_SCALE))
                        : null);
    }

    private static double number(Map<String, Object> architecture, String name) {
        if (architecture.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalArgumentException("The architecture says nothing of " + name + ".");
    }

    Map<String, Tensor> weights() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put(POPULARITY, popularity);
        if (neighbourhood != null) {
            weights.put(NEIGHBOURS, neighbourhood.neighbours);
        }
        if (factors != null) {
            weights.put(FACTORS, factors.factors);
        }
        return weights;
    }

    Map<String, Object> architecture() {
        Map<String, Object> architecture = new LinkedHashMap<>();
        if (neighbourhood != null) {
            architecture.put(NEIGHBOURS_SCALE, neighbourhood.scale);
        }
        if (factors != null) {
            architecture.put(FACTORS_SCALE, factors.scale);
            architecture.put(CONFIDENCE, factors.confidence);
        }
        return architecture;
    }

    int catalog() {
        return popularity.dimension(0);
    }

    OnnxGraph graph() {
        OnnxGraph graph = new OnnxGraph();
        graph.longInput(RecommendationKit.ITEMS, "batch", "length");
        graph.floatInput(RecommendationKit.WEIGHTS, "batch", "length");
        String given = graph.node(
                "ReduceSum",
                List.of(RecommendationKit.WEIGHTS, graph.longs("rows", 1)),
                OnnxGraph.integer("keepdims", 1));
        String any = graph.node("Greater", List.of(given, graph.scalar("zero", 0)));
        String ofPopularity = graph.node(
                "Where", List.of(any, graph.scalar("popularity.tie", TIE), graph.scalar("popularity.all", 1)));
        // Each operator over the catalog is a walk through as much memory: the parts are added up within those that
        // make them.
        String scores = factors == null
                ? graph.node("Mul", List.of(ofPopularity, graph.floats(POPULARITY, popularity.values(), 1, catalog())))
                : ofFactors(graph, factors, ofPopularity);
        if (neighbourhood != null) {
            scores = withNeighbours(graph, neighbourhood, scores);
        }
        graph.outputAs(RecommendationKit.SCORES, scores, "batch", catalog());
        return graph;
    }

    /** Adds what the items of the list give to their neighbours. */
    private String withNeighbours(OnnxGraph graph, Neighbourhood of, String scores) {
        int kept = of.neighbours.dimension(2);
        int half = of.neighbours.values().length / 2;
        int[] items = new int[half];
        float[] given = new float[half];
        for (int i = 0; i < half; i++) {
            items[i] = (int) of.neighbours.values()[i];
            given[i] = of.neighbours.values()[half + i];
        }
        String which = gather(graph, graph.int32("neighbours.items", items, catalog(), kept));
        String weights =
                graph.node("Mul", List.of(RecommendationKit.WEIGHTS, graph.scalar(NEIGHBOURS_SCALE, (float) of.scale)));
        String what = graph.node(
                "Mul",
                List.of(
                        gather(graph, graph.floats("neighbours.given", given, catalog(), kept)),
                        graph.node("Unsqueeze", List.of(weights, graph.longs("last", -1)))));
        String flat = graph.longs("flat", 0, -1);
        return graph.node(
                "ScatterElements",
                List.of(
                        scores,
                        graph.node("Reshape", List.of(which, flat)),
                        graph.node("Reshape", List.of(what, flat))),
                OnnxGraph.integer("axis", 1),
                OnnxGraph.word("reduction", "add"));
    }

    private static String gather(OnnxGraph graph, String table) {
        return graph.node("Gather", List.of(table, RecommendationKit.ITEMS));
    }

    /**
     * The factors of a user who has these items, as a pass of ALS would find them, and their products with all items': to which a share
     * of popularity is added, as one factor more.
     */
    private String ofFactors(OnnxGraph graph, Factors of, String ofPopularity) {
        int items = catalog();
        int width = of.factors.dimension(1);
        float[] table = new float[Math.multiplyExact(items, width + 1)];
        for (int item = 0; item < items; item++) {
            System.arraycopy(of.factors.values(), item * width, table, item * (width + 1), width);
            table[item * (width + 1) + width] = popularity.values()[item];
        }
        String all = graph.floats(FACTORS, table, items, width + 1);
        String own = graph.node(
                "Slice",
                List.of(
                        gather(graph, all),
                        graph.longs("first", 0),
                        graph.longs("width", width),
                        graph.longs("last", -1)));
        String weights = graph.node("Unsqueeze", List.of(RecommendationKit.WEIGHTS, graph.longs("rows", 1)));
        String confident =
                graph.node("Mul", List.of(weights, graph.scalar("factors.confidence", (float) of.confidence)));
        String matrix = graph.node(
                "Add",
                List.of(
                        graph.node(
                                "MatMul",
                                List.of(
                                        graph.node(
                                                "Mul",
                                                List.of(
                                                        graph.node(
                                                                "Transpose",
                                                                List.of(own),
                                                                OnnxGraph.integers("perm", 0, 2, 1)),
                                                        confident)),
                                        own)),
                        graph.floats("factors.identity", identity(width), width, width)));
        // An interaction counts 1 beside its confidence, and padding nothing.
        String counted = graph.node("Mul", List.of(weights, graph.scalar(FACTORS_SCALE, (float)
                ((1 + of.confidence) * of.scale))));
        String wanted = graph.node("MatMul", List.of(counted, own));
        String residual = wanted;
        String direction = wanted;
        String size = squares(graph, residual);
        List<String> steps = new ArrayList<>();
        for (int left = of.steps(); left > 0; left--) {
            String applied = graph.node("MatMul", List.of(direction, matrix));
            String product = graph.node(
                    "ReduceSum",
                    List.of(graph.node("Mul", List.of(direction, applied)), graph.longs("last", -1)),
                    OnnxGraph.integer("keepdims", 1));
            String length = graph.node("Div", List.of(size, notZero(graph, product)));
            steps.add(graph.node("Mul", List.of(length, direction)));
            if (left > 1) {
                residual = graph.node("Sub", List.of(residual, graph.node("Mul", List.of(length, applied))));
                String next = squares(graph, residual);
                String ratio = graph.node("Div", List.of(next, notZero(graph, size)));
                direction = graph.node("Add", List.of(residual, graph.node("Mul", List.of(ratio, direction))));
                size = next;
            }
        }
        String fitted = graph.node("Squeeze", List.of(graph.node("Sum", steps), graph.longs("rows", 1)));
        return graph.node(
                "Gemm",
                List.of(graph.node("Concat", List.of(fitted, ofPopularity), OnnxGraph.integer("axis", 1)), all),
                OnnxGraph.integer("transB", 1));
    }

    static float[] identity(int width) {
        float[] matrix = new float[width * width];
        for (int i = 0; i < width; i++) {
            matrix[i * width + i] = 1;
        }
        return matrix;
    }

    private static String squares(OnnxGraph graph, String vectors) {
        return graph.node(
                "ReduceSumSquare", List.of(vectors), OnnxGraph.integers("axes", -1), OnnxGraph.integer("keepdims", 1));
    }

    private static String notZero(OnnxGraph graph, String value) {
        return graph.node("Add", List.of(value, graph.scalar("tiny", TINY)));
    }
}
