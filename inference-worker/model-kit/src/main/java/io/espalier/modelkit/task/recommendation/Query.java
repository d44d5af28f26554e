package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.task.Predictor.Prepared;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whom to recommend to.
 *
 * @param catalog that the positions of items are in
 * @param had what the user had, the newest last
 * @param voice what of it the graph knows, and speaks for it
 * @param peers positions of users who speak for one who has no items; else none
 * @param hidden what is not to be recommended
 * @param wanted all that is to be recommended; null where nothing is said of it
 * @param diversity from 0 to 1
 */
record Query(
        Catalog catalog,
        int[] had,
        Voice voice,
        int[] peers,
        int[] hidden,
        @Nullable BitSet wanted,
        int topK,
        double diversity,
        boolean reasons)
        implements Prepared {
    /** The newest ones of a longer history; the older ones say little more. */
    static final int MOST_ITEMS = 500;
    /** Items of a step of length; a queue takes lengths up to two apart for alike. Padding costs less than a smaller batch does. */
    private static final int STEP = 16;

    /** Items that somebody had, each once, and what each counts. */
    record Voice(int[] items, float[] weights) {
        /** The newest that fit; what nobody had speaks through what is like it. */
        static Voice of(Catalog catalog, int... had) {
            if (Arrays.stream(had).allMatch(item -> catalog.likes(item).length == 0)) {
                float[] weights = new float[had.length];
                Arrays.fill(weights, 1);
                return new Voice(had, weights);
            }
            Map<Integer, Float> speaking = new LinkedHashMap<>();
            for (int i = had.length - 1; i >= 0 && speaking.size() < MOST_ITEMS; i--) {
                int[] like = catalog.likes(had[i]);
                if (like.length == 0) {
                    speaking.merge(had[i], 1f, Float::sum);
                }
                for (int other : like) {
                    speaking.merge(other, 1f / like.length, Float::sum);
                }
            }
            int[] items = new int[speaking.size()];
            float[] weights = new float[items.length];
            int place = 0;
            for (var one : speaking.entrySet()) {
                items[place] = one.getKey();
                weights[place++] = one.getValue();
            }
            return new Voice(items, weights);
        }
    }

    @Override
    public int length() {
        return voice.items.length / STEP;
    }
}
