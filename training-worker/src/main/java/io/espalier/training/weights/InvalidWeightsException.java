package io.espalier.training.weights;

/** A weights file is damaged, or not of the format it is said to be. A retry does not help. */
public final class InvalidWeightsException extends RuntimeException {
    public InvalidWeightsException(String message) {
        super(message);
    }

    public InvalidWeightsException(String message, Throwable cause) {
        super(message, cause);
    }
}
