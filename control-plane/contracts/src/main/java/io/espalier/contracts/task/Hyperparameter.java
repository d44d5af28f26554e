package io.espalier.contracts.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One setting of a training that a user may choose.
 *
 * @param minimum inclusive; null for all but numbers
 * @param maximum inclusive; null for all but numbers
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
        CHOICE,
        /** A list of texts, or one; whole numbers are taken for texts. */
        WORDS
    }

    /** The most texts of a {@link Kind#WORDS}, and the longest, in characters. */
    public static final int MOST_WORDS = 100;

    public static final int LONGEST_WORD = 200;

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

    public static Hyperparameter words(String name, String defaultValue, String description) {
        return new Hyperparameter(name, Kind.WORDS, null, null, List.of(), defaultValue, description);
    }

    /** The texts of a valid value of a {@link Kind#WORDS}; none where there is no value. */
    public static List<String> wordsOf(@Nullable Object value) {
        return switch (value) {
            case null -> List.of();
            case Collection<?> several ->
                several.stream().map(word -> String.valueOf(word).strip()).toList();
            default -> List.of(String.valueOf(value).strip());
        };
    }
}
