package io.espalier.training.task;

import io.espalier.training.tune.Hyperparameters;
import java.io.IOException;
import java.nio.file.Path;

/** A task whose models are computed in a few long stages, without gradients. */
public non-sealed interface FittingTask extends TrainingTask {
    /**
     * Reads the splits and sets what the user left open.
     *
     * @param chosen by the user, already checked against the descriptor
     * @param work an empty folder for what does not fit into memory
     */
    Fit prepare(TrainingFiles files, Hyperparameters chosen, long seed, Path work) throws IOException;
}
