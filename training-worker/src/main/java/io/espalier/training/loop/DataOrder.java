package io.espalier.training.loop;

import io.espalier.training.task.Examples;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * Which examples make up which step of an epoch: a shuffle, cut into windows, each sorted by length and cut into batches, and
 * the batches shuffled. So a batch has little padding, and every example comes once an epoch. Depends on the seed and the
 * epoch alone.
 */
final class DataOrder {
    /** Batches a window: more leave less padding and less chance. */
    private static final int WINDOW_BATCHES = 50;

    private final Examples examples;
    private final int batchSize;
    private final long seed;

    DataOrder(Examples examples, int batchSize, long seed) {
        this.examples = examples;
        this.batchSize = batchSize;
        this.seed = seed;
    }

    int batchesPerEpoch() {
        return Math.ceilDiv(examples.size(), batchSize);
    }

    /** @return the batches of an epoch, each the indices of its examples */
    int[][] batches(int epoch) {
        SplittableRandom random = new SplittableRandom(Seeds.of(seed, Seeds.ORDER, epoch));
        Integer[] order = IntStream.range(0, examples.size()).boxed().toArray(Integer[]::new);
        shuffle(order, random);
        int window = batchSize * WINDOW_BATCHES;
        for (int from = 0; from < order.length; from += window) {
            Arrays.sort(order, from, Math.min(order.length, from + window), Comparator.comparingInt(examples::length));
        }
        int[][] batches = new int[batchesPerEpoch()][];
        for (int i = 0; i < batches.length; i++) {
            batches[i] = Arrays.stream(order, i * batchSize, Math.min(order.length, (i + 1) * batchSize))
                    .mapToInt(Integer::intValue)
                    .toArray();
        }
        shuffle(batches, random);
        return batches;
    }

    private static <T> void shuffle(T[] array, SplittableRandom random) {
        for (int i = array.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            T swapped = array[i];
            array[i] = array[j];
            array[j] = swapped;
        }
    }
}
