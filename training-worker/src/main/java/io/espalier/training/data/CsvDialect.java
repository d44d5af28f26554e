package io.espalier.training.data;

import io.espalier.training.data.CsvRecords.Cells;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How delimited text is delimited.
 *
 * @param quote null where quotation marks mean nothing, as in tab-separated values by the letter
 */
record CsvDialect(char delimiter, @Nullable String quote) {
    private static final int SAMPLE_RECORDS = 1000;
    private static final char[] BY_PRIORITY = {'\t', '|', ';', ','};
    private static final Pattern DOUBLE_QUOTED = Pattern.compile("(?s)\".*\"");
    private static final Pattern SINGLE_QUOTED = Pattern.compile("(?s)'.*'");

    /**
     * The dialect under which most records of the sample have the same number of columns.
     *
     * @param complete whether the sample is the whole file; if not, its last record is not looked at
     */
    static CsvDialect detect(String sample, boolean complete) {
        CsvDialect best = new CsvDialect(',', "\"");
        double bestScore = 0;
        for (char delimiter : BY_PRIORITY) {
            CsvDialect candidate = new CsvDialect(delimiter, quoteFor(delimiter, sample, complete));
            double score = consistency(candidate.records(sample, complete));
            // A wrong delimiter tears quoted cells apart, and then quotation marks seem to mean nothing.
            if (candidate.quote() == null && delimiter != '\t' && sample.indexOf('"') >= 0) {
                score -= 0.1;
            }
            if (score > bestScore) {
                best = candidate;
                bestScore = score;
            }
        }
        return best;
    }

    /** Up to a thousand records of the sample. */
    List<Cells> records(String sample, boolean complete) {
        try (var records = new CsvRecords(new StringReader(sample), this)) {
            List<Cells> read = new ArrayList<>();
            for (Cells cells = records.next(); cells != null; cells = records.next()) {
                read.add(cells);
                if (read.size() == SAMPLE_RECORDS) {
                    return read;
                }
            }
            if (!complete && read.size() > 1 && records.unterminated() == null) {
                read.removeLast();
            }
            return read;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The number of columns that most records have; the greater one in doubt. */
    static int usualWidth(List<Cells> records) {
        Map<Integer, Integer> counts = new HashMap<>();
        records.forEach(cells -> counts.merge(cells.width(), 1, Integer::sum));
        return counts.entrySet().stream()
                .max(Map.Entry.<Integer, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .orElse(0);
    }

    private static double consistency(List<Cells> records) {
        int width = usualWidth(records);
        if (width < 2) {
            return 0;
        }
        return records.stream().filter(cells -> cells.width() == width).count() / (double) records.size();
    }

    /**
     * A quotation mark at the beginning of a cell quotes, unless the sample shows that cells begin with one and do not end
     * with one: then the marks belong to the text.
     */
    private static @Nullable String quoteFor(char delimiter, String sample, boolean complete) {
        boolean tabs = delimiter == '\t';
        List<Cells> plain = new CsvDialect(delimiter, null).records(sample, complete);
        if (sample.indexOf('"') >= 0) {
            Marks marks = Marks.count(plain, '"', DOUBLE_QUOTED);
            boolean literal = tabs ? marks.open >= marks.closed : marks.open >= 3 && marks.open > marks.closed;
            if (!literal) {
                return "\"";
            }
            // A quoted cell that holds delimiters or line breaks looks open where quoting is off.
            double quoted = consistency(new CsvDialect(delimiter, "\"").records(sample, complete));
            return quoted > consistency(plain) ? "\"" : null;
        }
        Marks marks = Marks.count(plain, '\'', SINGLE_QUOTED);
        if (marks.closed >= 2 && marks.open <= marks.closed) {
            double quoted = consistency(new CsvDialect(delimiter, "'").records(sample, complete));
            if (quoted > consistency(plain) || marks.closed >= plain.size()) {
                return "'";
            }
        }
        return tabs ? null : "\"";
    }

    /** Cells that begin with a mark, and whether they end with one too. */
    private record Marks(int open, int closed) {
        static Marks count(List<Cells> records, char mark, Pattern enclosed) {
            int open = 0;
            int closed = 0;
            for (Cells record : records) {
                for (String cell : record.cells()) {
                    if (cell != null && cell.charAt(0) == mark) {
                        if (cell.length() > 1 && enclosed.matcher(cell).matches()) {
                            closed++;
                        } else {
                            open++;
                        }
                    }
                }
            }
            return new Marks(open, closed);
        }
    }
}
