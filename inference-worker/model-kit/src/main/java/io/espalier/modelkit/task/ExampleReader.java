package io.espalier.modelkit.task;

import io.espalier.contracts.dataset.DatasetReport;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Turns one row at a time into an example. Stateful where a task needs to see all rows first; not thread-safe. */
public interface ExampleReader {
    /**
     * @param cells one a column of the file; null where the file has nothing there. Numbers and booleans of Parquet and JSON
     *     Lines arrive as their JSON text
     */
    RowResult read(List<@Nullable String> cells);

    /** What was seen of images so far; null for a task without. */
    default DatasetReport.@Nullable Images images() {
        return null;
    }

    /** What became of a row. */
    sealed interface RowResult {
        /**
         * @param input in the shape of one element of a request's {@code inputs}
         * @param identity rows of equal identity have the same input: the text, normalized, or the canonical JSON
         * @param remark the code of a warning about the row, which is used all the same; null where there is none
         */
        record Example(
                JsonNode input,
                String label,
                String identity,
                @Nullable String remark) implements RowResult {
            public Example(JsonNode input, String label, String identity) {
                this(input, label, identity, null);
            }
        }

        /**
         * The row cannot be used.
         *
         * @param code stable, kebab-case: {@code empty-text}
         * @param column where it is wrong, as the file names it
         */
        record Rejected(String code, String column, String message) implements RowResult {}
    }
}
