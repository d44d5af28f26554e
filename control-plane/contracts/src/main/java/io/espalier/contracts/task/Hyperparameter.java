package io.espalier.contracts.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a training that a user may choose.
 *
 * @param minimum inclusive; null for booleans and choices
 * @param maximum inclusive; null for booleans and choices
 * @param choices the allowed words of a {@link Kind#CHOICE}, else empty
 * @param defaultValue what is used where the user says nothing, in words: defaults may depend on the size of the data
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Hyperparameter(
        String name,
        Kind kind,
        @Nullable Double minimum,
        @Nullable Double maximum,
        List<String> choices,
        String defaultValue,
        String description) {

    /** What a value must be. */
    public enum Kind {
        INTEGER,
        NUMBER,
        BOOLEAN,
        CHOICE
    }

    public static Hyperparameter integer(
            String name, long minimum, long maximum, String defaultValue, String description) {
        return new Hyperparameter(
                name, Kind.INTEGER, (double) minimum, (double) maximum, List.of(), defaultValue, description);
    }

    public static Hyperparameter number(
            String name, double minimum, double maximum, String defaultValue, String description) {
        return new Hyperparameter(name, Kind.NUMBER, minimum, maximum, List.of(), defaultValue, description);
    }

    public static Hyperparameter flag(String name, String defaultValue, String description) {
        return new Hyperparameter(name, Kind.BOOLEAN, null, null, List.of(), defaultValue, description);
    }

    public static Hyperparameter choice(String name, List<String> choices, String defaultValue, String description) {
        return new Hyperparameter(name, Kind.CHOICE, null, null, List.copyOf(choices), defaultValue, description);
    }
}
