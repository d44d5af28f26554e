package io.espalier.training.task;

import java.util.List;

/** The rows of a split, transformed and in memory, by index. */
public interface Examples {
    int size();

    /** Rows of like length go into one batch: tokens of a text, 1 for a row of a table. */
    int length(int example);

    /** Index of the label. */
    int label(int example);

    /** The tensors that the program's {@code step} and {@code logits} take, labels last. */
    List<HostTensor> batch(int[] examples);

    /**
     * As {@link #batch}, changed at random where the task does so to learn more from what there is.
     *
     * @param seed the same one gives the same batch
     */
    default List<HostTensor> augmented(int[] examples, long seed) {
        return batch(examples);
    }

    /** A tensor in the Java heap, row-major. */
    sealed interface HostTensor {
        long[] shape();

        record Longs(long[] values, long... shape) implements HostTensor {}

        record Floats(float[] values, long... shape) implements HostTensor {}
    }
}
