package io.espalier.modelkit.task.recommendation;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The items of a catalog in the order of a number. A range is found by what is kept of every so many of them, in a time that hardly
 * grows with what lies in it. Immutable.
 */
final class NumberIndex {
    private static final int KEPT = 32;

    /** Ascending, those that are known. */
    private final double[] numbers;
    /** Likewise. */
    private final int[] items;

    private final int step;
    /** Of the first {@code i * step} items. */
    private final BitSet[] first;

    /** @param numbers by item; NaN where none is known */
    NumberIndex(double[] numbers) {
        this.items = IntStream.range(0, numbers.length)
                .filter(item -> !Double.isNaN(numbers[item]))
                .boxed()
                .sorted(Comparator.comparingDouble(item -> numbers[item]))
                .mapToInt(Integer::intValue)
                .toArray();
        this.numbers = Arrays.stream(items).mapToDouble(item -> numbers[item]).toArray();
        this.step = Math.max(1, Math.ceilDiv(items.length, KEPT));
        this.first = new BitSet[items.length / step + 1];
        BitSet some = new BitSet(numbers.length);
        for (int i = 0; i <= items.length; i++) {
            if (i % step == 0) {
                first[i / step] = (BitSet) some.clone();
            }
            if (i < items.length) {
                some.set(items[i]);
            }
        }
    }

    /** Items of which the number is known, and not below the least or above the most; the caller's. */
    BitSet between(double least, double most) {
        BitSet found = first(below(Math.nextUp(most)));
        int below = below(least);
        if (below > 0) {
            found.andNot(first(below));
        }
        return found;
    }

    private BitSet first(int count) {
        BitSet some = (BitSet) first[count / step].clone();
        for (int i = count / step * step; i < count; i++) {
            some.set(items[i]);
        }
        return some;
    }

    /** How many numbers are below a bound. */
    private int below(double bound) {
        int low = 0;
        int high = numbers.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (numbers[middle] < bound) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
