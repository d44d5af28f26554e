package io.espalier.training.data;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Which cells are numbers and what they are in JSON, and which say that nothing is known. */
final class Numbers {
    private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d+)?");
    private static final Set<String> MISSING = Set.of("", "?", "na", "n/a", "nan", "null", "none", "-", "#n/a");

    private static final String MISSING_BEGIN = "?nN-#";

    private static final int LONGEST_MISSING = 8;
    /** Digits that make a finite number whatever they are. */
    private static final int MOST_DIGITS = 18;

    private Numbers() {}

    static boolean isNumber(String cell) {
        if (isDigits(cell)) {
            return true;
        }
        String stripped = cell.strip();
        // Most cells are words, and their first letter says so.
        return !stripped.isEmpty()
                && stripped.charAt(0) <= '9'
                && NUMBER.matcher(stripped).matches()
                && Double.isFinite(Double.parseDouble(stripped));
    }

    private static boolean isDigits(String cell) {
        for (int i = 0; i < cell.length(); i++) {
            if (cell.charAt(i) < '0' || cell.charAt(i) > '9') {
                return false;
            }
        }
        return !cell.isEmpty() && cell.length() <= MOST_DIGITS;
    }

    /** @param cell a number; a whole one stays so, for users see it in the predictions of the test split */
    static JsonNode toJson(String cell) {
        double value = Double.parseDouble(cell.strip());
        return value == (long) value
                ? JsonNodeFactory.instance.numberNode((long) value)
                : JsonNodeFactory.instance.numberNode(value);
    }

    static boolean isMissing(String cell) {
        return cell.length() <= LONGEST_MISSING
                && (cell.isEmpty()
                        || Character.isWhitespace(cell.charAt(0))
                        || MISSING_BEGIN.indexOf(cell.charAt(0)) >= 0)
                && MISSING.contains(cell.strip().toLowerCase(Locale.ROOT));
    }
}
