package io.espalier.modelkit.task.textclassification;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.modelkit.task.ExampleReader;
import java.text.Normalizer;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.StringNode;

/** One column is the text, one the label. */
final class TextExampleReader implements ExampleReader {
    private final String textColumn;
    private final String labelColumn;
    private final int text;
    private final int label;

    TextExampleReader(List<String> columns, ColumnMapping mapping) {
        this.textColumn = mapping.only("text");
        this.labelColumn = mapping.only(ColumnRole.LABEL);
        this.text = columns.indexOf(textColumn);
        this.label = columns.indexOf(labelColumn);
        if (text < 0 || label < 0) {
            throw new IllegalArgumentException("The mapping " + mapping + " does not fit the columns " + columns);
        }
    }

    @Override
    public RowResult read(List<@Nullable String> cells) {
        String value = cells.get(text);
        if (value == null || value.isBlank()) {
            return new RowResult.Rejected("empty-text", textColumn, "The text is empty.");
        }
        String name = cells.get(label);
        if (name == null || name.isBlank()) {
            return new RowResult.Rejected("missing-label", labelColumn, "The label is missing.");
        }
        return new RowResult.Example(StringNode.valueOf(cut(value)), name.strip(), identity(value));
    }

    /**
     * To what a request may send. No model reads as much (a token has a character at least, and 512 tokens are the most), so
     * this changes no answer.
     */
    private static String cut(String text) {
        return text.length() <= TextClassificationKit.MAX_CHARACTERS
                        || text.codePointCount(0, text.length()) <= TextClassificationKit.MAX_CHARACTERS
                ? text
                : text.substring(0, text.offsetByCodePoints(0, TextClassificationKit.MAX_CHARACTERS));
    }

    /** Unicode NFC, runs of white space as one blank, none at the ends. */
    static String identity(String text) {
        String normal = Normalizer.normalize(text, Normalizer.Form.NFC);
        StringBuilder collapsed = new StringBuilder(normal.length());
        boolean gap = false;
        for (int i = 0; i < normal.length(); i++) {
            char character = normal.charAt(i);
            if (Character.isWhitespace(character) || Character.isSpaceChar(character)) {
                gap = !collapsed.isEmpty();
            } else {
                if (gap) {
                    collapsed.append(' ');
                    gap = false;
                }
                collapsed.append(character);
            }
        }
        return collapsed.toString();
    }
}
