package io.espalier.contracts.problem;

/**
 * One field of a request that is not valid.
 *
 * @param field where it is, as a path in the request: {@code hyperparameters.learningRate}, {@code inputs[3].age}
 * @param message what is wrong with it and what would be right, in the user's words
 */
public record FieldError(String field, String message) {}
