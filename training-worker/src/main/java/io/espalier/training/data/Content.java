package io.espalier.training.data;

import io.espalier.modelkit.task.ExampleReader.RowResult.Example;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a task's inputs are made of, as far as a scan has to care: texts, rows of a table, files. */
interface Content {
    /**
     * Whether rows that are equal, or that differ in the label alone, are kept: features of a table coincide, texts and images
     * do not.
     */
    boolean keepsRepeats();

    /**
     * What is said of an input beside itself.
     *
     * @param language null where it is not known
     */
    record Facts(int characters, int tokens, @Nullable String language) {}

    Facts factsOf(Example example);

    /** Hears of all cells, once, before anything is written. */
    default void counted(CellCensus census, List<String> features, IssueLog issues) {}

    /**
     * An input as a split holds it.
     *
     * @param input as JSON, as the example had it
     * @return JSON, in the shape of an element of a request's {@code inputs}
     */
    default String written(String input) {
        return input;
    }

    /** How long an input is once it is written, roughly. */
    default long bytes(String input) {
        return input.length();
    }

    /** The name of the file that an input is; null where it is none. */
    default @Nullable String fileName(String input) {
        return null;
    }

    /** An input as a report shows it, perhaps cut off; null where it cannot be shown in a line. */
    @Nullable
    String shown(String input);
}
