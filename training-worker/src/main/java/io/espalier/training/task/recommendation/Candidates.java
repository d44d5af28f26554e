package io.espalier.training.task.recommendation;

import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.training.task.recommendation.Recipe.Als;
import io.espalier.training.task.recommendation.Recipe.Content;
import io.espalier.training.task.recommendation.Recipe.Ease;
import io.espalier.training.task.recommendation.Recipe.ItemToItem;
import io.espalier.training.task.recommendation.Recipe.Neighbours;
import io.espalier.training.tune.Hyperparameters;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The recipes among which validation chooses: those that the user's choices leave, and that fit.
 *
 * @param first each by itself
 * @param shares of the second in blends of the best two of these; empty where nothing is blended
 * @param leftOut what was not tried, and why, in the user's words
 */
record Candidates(List<Recipe> first, List<Double> shares, List<String> leftOut) {
    /** Light ones for users with long histories, heavy ones for those of whom a few items are known. */
    private static final List<Ease> EASE = List.of(
            new Ease(100, 0),
            new Ease(200, 0),
            new Ease(400, 0),
            new Ease(800, 0),
            new Ease(300, 0.5),
            new Ease(1000, 0.9),
            new Ease(1000, 0.98));

    private static final List<Integer> NEIGHBOURS = List.of(50, 200);
    private static final List<Integer> CONTENT = List.of(50);
    private static final List<Double> SHARES = List.of(0.1, 0.2, 0.3, 0.5);
    private static final int ITERATIONS = 15;
    /** Of all items together: some 24 bytes each while the model is written. */
    private static final int MOST_NEIGHBOURS = 30_000_000;
    /** Of all users and items together: half a pass holds some eight numbers of each. */
    private static final long MOST_FACTORS = 64_000_000;

    /** Factors, l2, confidence: no grid, since far from all of it is worth its time. */
    private static final List<Als> ALS = List.of(
            new Als(32, 10, 3, ITERATIONS),
            new Als(64, 10, 3, ITERATIONS),
            new Als(64, 10, 0, ITERATIONS),
            new Als(32, 1, 3, ITERATIONS));

    /**
     * @param items of the catalog
     * @param had those of them that somebody had
     * @param described whether anything is said of items
     */
    static Candidates of(Hyperparameters chosen, int users, int items, int had, boolean described) {
        String recipe = chosen.has(Recommendation.RECIPE) ? chosen.word(Recommendation.RECIPE) : "auto";
        List<Recipe> first = new ArrayList<>();
        List<String> leftOut = new ArrayList<>();
        boolean automatic = recipe.equals("auto");
        boolean blended = automatic || recipe.equals("blend");
        if (automatic || recipe.equals("popularity")) {
            first.add(new Recipe.Popularity());
        }
        // A blend that names neighbours, and nothing of EASE, is one of them.
        boolean ofNeighbours = recipe.equals("blend")
                && chosen.has(Recommendation.NEIGHBOURS)
                && !chosen.has(Recommendation.EASE_L2)
                && !chosen.has(Recommendation.EASE_DROPOUT);
        boolean easeFits = had <= Recommenders.EASE_MOST_ITEMS && !ofNeighbours;
        if (!easeFits && !ofNeighbours && (blended || recipe.equals("ease"))) {
            leftOut.add("EASE squares the items: it is left out above %,d, and there are %,d"
                    .formatted(Recommenders.EASE_MOST_ITEMS, had));
        }
        if (automatic || recipe.equals("item-neighbours") || !easeFits && recipe.equals("blend")) {
            neighbours(chosen, NEIGHBOURS, items, leftOut).map(Neighbours::new).forEach(first::add);
        }
        if (described && (automatic || recipe.equals("content"))) {
            neighbours(chosen, CONTENT, items, leftOut).map(Content::new).forEach(first::add);
        } else if (recipe.equals("content")) {
            leftOut.add("Content needs a file that says what items are");
        }
        if (easeFits && (blended || recipe.equals("ease"))) {
            first.addAll(ease(chosen));
        }
        if (blended || recipe.equals("als")) {
            for (Als als : als(chosen)) {
                if (als.factors() * ((long) users + items) <= MOST_FACTORS) {
                    first.add(als);
                } else {
                    leftOut.add("%,d factors of each of %,d users and %,d items would not fit into memory"
                            .formatted(als.factors(), users, items));
                }
            }
        }
        return new Candidates(
                List.copyOf(first),
                !blended
                        ? List.of()
                        : chosen.has(Recommendation.ALS_SHARE)
                                ? List.of(chosen.real(Recommendation.ALS_SHARE))
                                : SHARES,
                List.copyOf(leftOut));
    }

    private static Stream<Integer> neighbours(
            Hyperparameters chosen, List<Integer> usual, int items, List<String> leftOut) {
        List<Integer> kept =
                chosen.has(Recommendation.NEIGHBOURS) ? List.of(chosen.integer(Recommendation.NEIGHBOURS)) : usual;
        int most = MOST_NEIGHBOURS / items;
        if (kept.stream().anyMatch(wanted -> wanted > most)) {
            leftOut.add(
                    "More than %,d neighbours of each of %,d items would not fit into memory".formatted(most, items));
        }
        return kept.stream()
                .map(wanted -> Math.clamp(Math.min(most, items - 1), 1, wanted))
                .distinct();
    }

    private static List<? extends ItemToItem> ease(Hyperparameters chosen) {
        return EASE.stream()
                .map(ease -> new Ease(
                        chosen.has(Recommendation.EASE_L2) ? chosen.real(Recommendation.EASE_L2) : ease.l2(),
                        chosen.has(Recommendation.EASE_DROPOUT)
                                ? chosen.real(Recommendation.EASE_DROPOUT)
                                : chosen.has(Recommendation.EASE_L2) ? 0 : ease.dropout()))
                .distinct()
                .toList();
    }

    private static List<Als> als(Hyperparameters chosen) {
        return ALS.stream()
                .map(als -> new Als(
                        chosen.has(Recommendation.FACTORS) ? chosen.integer(Recommendation.FACTORS) : als.factors(),
                        chosen.has(Recommendation.ALS_L2) ? chosen.real(Recommendation.ALS_L2) : als.l2(),
                        chosen.has(Recommendation.CONFIDENCE)
                                ? chosen.real(Recommendation.CONFIDENCE)
                                : als.confidence(),
                        chosen.has(Recommendation.ITERATIONS)
                                ? chosen.integer(Recommendation.ITERATIONS)
                                : als.iterations()))
                .distinct()
                .toList();
    }

    /** How many stages there are: each by itself, the blends, and the model. */
    int stages() {
        return first.size() + shares.size() + 1;
    }

    /** Positions in {@link #first} of the recipes of a kind. */
    IntStream positions(Class<? extends Recipe> kind) {
        return IntStream.range(0, first.size()).filter(i -> kind.isInstance(first.get(i)));
    }
}
