package io.espalier.training.task.recommendation;

import io.espalier.contracts.task.recommendation.Recommendation;
import java.util.LinkedHashMap;
import java.util.Map;

/** A way to rank, with its settings. */
sealed interface Recipe {
    /** As users call it, with what tells it apart from others of its kind. */
    String title();

    /** The hyperparameters that it stands for. */
    Map<String, Object> settings();

    /** What most users had. */
    record Popularity() implements Recipe {
        @Override
        public String title() {
            return "popularity";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of(Recommendation.RECIPE, "popularity");
        }
    }

    /** What is most often had together with what the user had. */
    sealed interface ItemToItem extends Recipe permits ByUsers, Content {}

    /** By who had both: what is blended with factors. */
    sealed interface ByUsers extends ItemToItem permits Neighbours, Ease {}

    /**
     * The cosine of items' columns, shrunk for items of few users.
     *
     * @param kept neighbours of each item
     */
    record Neighbours(int kept) implements ByUsers {
        @Override
        public String title() {
            return "item-neighbours, " + kept + " kept";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of(Recommendation.RECIPE, "item-neighbours", Recommendation.NEIGHBOURS, kept);
        }
    }

    /**
     * What is most like what the user had, by what is said of it.
     *
     * @param kept neighbours of each item
     */
    record Content(int kept) implements ItemToItem {
        @Override
        public String title() {
            return "content, " + kept + " kept";
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of(Recommendation.RECIPE, "content", Recommendation.NEIGHBOURS, kept);
        }
    }

    /** @param dropout share of what users had that is left out at random, in expectation: a model of short histories */
    record Ease(double l2, double dropout) implements ByUsers {
        @Override
        public String title() {
            return "ease, l2 " + number(l2) + (dropout > 0 ? ", dropout " + number(dropout) : "");
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of(
                    Recommendation.RECIPE, "ease", Recommendation.EASE_L2, l2, Recommendation.EASE_DROPOUT, dropout);
        }
    }

    /** @param confidence of an interaction, beside the 1 of everything */
    record Als(int factors, double l2, double confidence, int iterations) implements Recipe {
        @Override
        public String title() {
            return "als, %d factors, l2 %s, confidence %s".formatted(factors, number(l2), number(confidence));
        }

        @Override
        public Map<String, Object> settings() {
            return Map.of(
                    Recommendation.RECIPE,
                    "als",
                    Recommendation.FACTORS,
                    factors,
                    Recommendation.ALS_L2,
                    l2,
                    Recommendation.CONFIDENCE,
                    confidence,
                    Recommendation.ITERATIONS,
                    iterations);
        }
    }

    /**
     * The sum of two, each in units of its own standard deviation.
     *
     * @param share of the second, from 0 to 1
     */
    record Blend(ItemToItem items, Als als, double share) implements Recipe {
        @Override
        public String title() {
            return "blend, %.0f %% als".formatted(100 * share);
        }

        @Override
        public Map<String, Object> settings() {
            Map<String, Object> settings = new LinkedHashMap<>(items.settings());
            settings.putAll(als.settings());
            settings.put(Recommendation.RECIPE, "blend");
            settings.put(Recommendation.ALS_SHARE, share);
            return settings;
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
