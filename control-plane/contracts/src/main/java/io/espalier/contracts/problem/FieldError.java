package io.espalier.contracts.problem;

/**
 * One field of a request that is not valid.
 *
 * @param field where it is, as a path in the request: {@code hyperparameters.learningRate}, {@code inputs[3].age}
 * @param message what is wrong with it and what would be right, in the user's words
 */
public record FieldError(String field, String message) {
    private static final int LONGEST_NAME = 80;

    /** A name that a caller chose, short enough to come back in an answer and a log: not all ten megabytes of it. */
    public static String shortened(String name) {
        return name.length() <= LONGEST_NAME ? name : name.substring(0, LONGEST_NAME) + "…";
    }
}
