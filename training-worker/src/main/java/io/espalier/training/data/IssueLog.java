package io.espalier.training.data;

import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.DatasetReport.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Counts issues by code and keeps the first examples of each, and the first one of every further column, so that its size does
 * not depend on the number of rows.
 */
public final class IssueLog {
    public static final int EXAMPLES = 5;
    /** As many as a dataset has columns; fields that are none of them may be any number. */
    private static final int MOST_COLUMNS = 4096;

    private static final int VALUE_CHARACTERS = 80;

    private static class Entry {
        final Severity severity;
        final @Nullable IssueCode known;
        final String message;
        final List<Place> examples = new ArrayList<>();
        final Set<String> columns = new HashSet<>();
        long count;

        Entry(Severity severity, @Nullable IssueCode known, String message) {
            this.severity = severity;
            this.known = known;
            this.message = message;
        }

        String message() {
            return !message.isEmpty() || known == null ? message : known.message(count);
        }
    }

    /** Whose message depends on the count. */
    private static final class Counted extends Entry {
        Counted(Severity severity, String template) {
            super(severity, null, template);
        }

        @Override
        String message() {
            return IssueCode.message(message, count);
        }
    }

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    void found(IssueCode code, Place place) {
        add(entry(code, ""), 1, List.of(place));
    }

    /** @param message says more than the code's own message; the first one of a code is kept */
    void found(IssueCode code, Place place, String message) {
        add(entry(code, message), 1, List.of(place));
    }

    void found(IssueCode code, long count, List<Place> examples) {
        if (count > 0) {
            add(entry(code, ""), count, examples);
        }
    }

    void found(IssueCode code, long count, List<Place> examples, String message) {
        if (count > 0) {
            add(entry(code, message), count, examples);
        }
    }

    /**
     * A problem that only one task has.
     *
     * @param code stable, kebab-case
     * @param template its message, with words in braces as in the platform's own: {@code {rows} {have} no user}
     */
    public void found(String code, Severity severity, String template, long count, List<Place> examples) {
        if (count > 0) {
            Entry entry = entries.computeIfAbsent(code, _ -> new Counted(severity, template));
            add(entry, count, examples);
        }
    }

    /** A problem of those that all tasks know, by its code. */
    public void found(String code, long count, List<Place> examples) {
        found(IssueCode.find(code).orElseThrow(), count, examples);
    }

    /** A row that the task's reader rejects; its codes are its own. */
    void rejected(String code, String message, Place place) {
        IssueCode known = IssueCode.find(code).orElse(null);
        Entry entry = known != null
                ? entry(known, "")
                : entries.computeIfAbsent(code, _ -> new Entry(Severity.ROWS_LEFT_OUT, null, message));
        add(entry, 1, List.of(place));
    }

    public boolean hasErrors() {
        return entries.values().stream().anyMatch(entry -> entry.severity == Severity.ERROR);
    }

    long count(IssueCode code) {
        return count(code.code());
    }

    /** How often a problem was found. */
    public long count(String code) {
        Entry entry = entries.get(code);
        return entry == null ? 0 : entry.count;
    }

    /** Errors first, then what leaves rows out, then warnings; the order of discovery within each. */
    public List<Issue> issues() {
        List<Issue> issues = new ArrayList<>();
        entries.forEach((code, entry) ->
                issues.add(new Issue(code, entry.severity, entry.message(), entry.count, List.copyOf(entry.examples))));
        issues.sort(Comparator.comparing(Issue::severity));
        return issues;
    }

    /** A value as a report shows it: one line, short. */
    static @Nullable String shorten(@Nullable String value) {
        if (value == null) {
            return null;
        }
        String line = value.length() > VALUE_CHARACTERS * 2 ? value.substring(0, VALUE_CHARACTERS * 2) : value;
        line = line.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        if (line.codePointCount(0, line.length()) <= VALUE_CHARACTERS) {
            return line;
        }
        return line.substring(0, line.offsetByCodePoints(0, VALUE_CHARACTERS - 1)) + "…";
    }

    private Entry entry(IssueCode code, String message) {
        return entries.computeIfAbsent(code.code(), _ -> new Entry(code.severity(), code, message));
    }

    private static void add(Entry entry, long count, List<Place> places) {
        entry.count += count;
        for (Place place : places) {
            boolean newColumn =
                    place.column() != null && entry.columns.size() < MOST_COLUMNS && entry.columns.add(place.column());
            if (newColumn || entry.examples.size() < EXAMPLES) {
                entry.examples.add(new Place(place.file(), place.row(), place.column(), shorten(place.value())));
            }
        }
    }
}
