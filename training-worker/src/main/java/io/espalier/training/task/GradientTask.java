package io.espalier.training.task;

import io.espalier.training.tune.Hyperparameters;
import java.io.IOException;

/** A task whose models learn by gradients, step by step. */
public non-sealed interface GradientTask extends TrainingTask {
    /**
     * Reads the splits, learns the transform, sets what the user left open, and makes the initial weights: everything that a
     * training depends on. The same files, choices and seed give the same.
     *
     * @param chosen by the user, already checked against the descriptor
     * @param seed of the initial weights that are not pretrained
     */
    Trainable prepare(TrainingFiles files, Hyperparameters chosen, long seed) throws IOException;
}
