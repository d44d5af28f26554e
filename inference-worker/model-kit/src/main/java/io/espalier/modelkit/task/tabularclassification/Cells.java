package io.espalier.modelkit.task.tabularclassification;

import java.util.OptionalDouble;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a single cell of a table means. */
final class Cells {
    private static final Set<String> MISSING =
            Set.of("", "?", "NA", "N/A", "n/a", "na", "null", "NULL", "None", "NaN", "nan", "NAN");

    private Cells() {}

    /** @return the cell without blanks at its ends; null where nothing is known */
    static @Nullable String text(@Nullable String cell) {
        if (cell == null) {
            return null;
        }
        String text = cell.strip();
        return MISSING.contains(text) ? null : text;
    }

    /** @param value a text, number, boolean or null of JSON */
    static @Nullable String text(JsonNode value) {
        return value.isNull() ? null : text(value.asString());
    }

    /** A plain decimal number; not Java's hexadecimal ones, suffixes and words. */
    static OptionalDouble number(String text) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            boolean decimal = character >= '0' && character <= '9'
                    || character == '.'
                    || character == '-'
                    || character == '+'
                    || character == 'e'
                    || character == 'E';
            if (!decimal) {
                return OptionalDouble.empty();
            }
        }
        try {
            double number = Double.parseDouble(text);
            return Double.isFinite(number) ? OptionalDouble.of(number) : OptionalDouble.empty();
        } catch (NumberFormatException _) {
            return OptionalDouble.empty();
        }
    }
}
