package io.espalier.training.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Weights that cannot become a base model. A retry does not help. */
public final class ImportRefusedException extends RuntimeException {
    private static final int MOST_SHOWN = 50;
    private static final int MOST_LISTED = 1000;
    private static final int LONGEST = 300;

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

    /** As many of them as a list for a person holds, none longer than a line or two. */
    public List<String> shown() {
        List<String> shown = problems.stream()
                .limit(MOST_LISTED)
                .map(ImportRefusedException::printable)
                .collect(Collectors.toCollection(ArrayList::new));
        if (problems.size() > MOST_LISTED) {
            shown.add("And %,d more.".formatted(problems.size() - MOST_LISTED));
        }
        return List.copyOf(shown);
    }

    /** Names of tensors and tokens stand in it, which may be anything. */
    private static String printable(String problem) {
        String shown = problem.codePoints()
                .limit(LONGEST)
                .map(point -> Character.isISOControl(point) || Character.getType(point) == Character.SURROGATE
                        ? 0xFFFD
                        : point)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        return problem.codePointCount(0, problem.length()) <= LONGEST ? shown : shown + " …";
    }

    private static String message(List<String> problems) {
        String shown = String.join(" ", problems.subList(0, Math.min(MOST_SHOWN, problems.size())));
        return problems.size() <= MOST_SHOWN ? shown : "%s And %d more.".formatted(shown, problems.size() - MOST_SHOWN);
    }
}
