package io.espalier.contracts.task;

/**
 * What a training of a task takes where nothing is known but the size of its data.
 *
 * @param epochs where the user does not choose them
 * @param samplesPerSecond while training, on a small machine without an accelerator: a cautious figure
 */
public record TrainingCost(Epochs epochs, double samplesPerSecond) {
    /** The default number of passes over the training split. */
    public interface Epochs {
        /** @param rows of the training split */
        int of(long rows, int classes);
    }
}
