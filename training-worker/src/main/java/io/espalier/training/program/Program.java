package io.espalier.training.program;

import java.util.Map;

/**
 * A TorchScript program: a resource below {@code /programs} whose first class is the module, and the values of that class's
 * attributes. Every program has the two methods that {@link Network} calls.
 *
 * @param resource file name, for example {@code bert-text-classification.py}
 * @param attributes {@link Integer}, {@link Double} or {@link Boolean} by name, one for each that the class declares
 */
public record Program(String resource, Map<String, Object> attributes) {
    public Program {
        attributes = Map.copyOf(attributes);
    }
}
