package io.espalier.training.catalog;

import java.util.List;

/** Weights that cannot become a base model. A retry does not help. */
public final class ImportRefusedException extends RuntimeException {
    private static final int MOST_SHOWN = 50;

    private final List<String> problems;

    /** @param problems one at least, each a sentence */
    public ImportRefusedException(List<String> problems) {
        super(message(problems));
        this.problems = List.copyOf(problems);
    }

    public ImportRefusedException(String problem) {
        this(List.of(problem));
    }

    /** All that is wrong. */
    public List<String> problems() {
        return problems;
    }

    private static String message(List<String> problems) {
        String shown = String.join(" ", problems.subList(0, Math.min(MOST_SHOWN, problems.size())));
        return problems.size() <= MOST_SHOWN ? shown : "%s And %d more.".formatted(shown, problems.size() - MOST_SHOWN);
    }
}
