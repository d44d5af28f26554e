package io.espalier.contracts.job;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What came of an import.
 *
 * @param problems why it was refused, each a sentence; empty where it was not
 * @param imported null where it was refused
 */
public record ImportOutcome(List<String> problems, @Nullable Imported imported) {
    /**
     * A model that trainings can start from.
     *
     * @param architecture in words, for lists
     * @param parameters how many numbers it has
     * @param commit of the hub; null for what was uploaded
     * @param prefix where its files are, below the spec's
     */
    public record Imported(
            String architecture, long parameters, @Nullable String commit, String prefix) {}
}
