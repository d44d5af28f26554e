package io.espalier.modelkit.task;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.modelkit.metric.Measurement;

/** Compares what a bundle answers to the rows of a split with what is right. For one split; not thread-safe. */
public interface Scorer {
    /**
     * Hears of every row once, in their order.
     *
     * @throws ProblemException INVALID_DATASET if the row cannot be measured, with its number
     */
    void add(SplitRow row, Answer answer);

    /** After the last row, of which there was one at least. */
    Measurement measure();
}
