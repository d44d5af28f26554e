package io.espalier.training.loop;

/** The loss is no number any more. Another try with the same settings ends the same. */
public final class DivergedException extends RuntimeException {
    DivergedException(int step) {
        super("The training diverged at step " + step
                + ": the loss is not a finite number. A lower learning rate may help.");
    }
}
