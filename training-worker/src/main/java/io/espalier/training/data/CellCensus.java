package io.espalier.training.data;

import io.espalier.contracts.dataset.DatasetReport.Place;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Counts what is missing and what is a number, by column. */
public final class CellCensus {
    /** A column is one of numbers where at least this share of its cells is, in percent. */
    public static final int NUMERIC_PERCENT = 95;

    private static final class Column {
        long missing;
        long numbers;
        long words;

        final List<Place> firstWords = new ArrayList<>();
    }

    private final List<String> columns;
    private final List<Column> census = new ArrayList<>();

    CellCensus(List<String> columns) {
        this.columns = columns;
        columns.forEach(_ -> census.add(new Column()));
    }

    void add(String file, long row, List<@Nullable String> cells) {
        for (int i = 0; i < census.size(); i++) {
            Column column = census.get(i);
            String cell = cells.get(i);
            if (cell == null || Numbers.isMissing(cell)) {
                column.missing++;
            } else if (Numbers.isNumber(cell)) {
                column.numbers++;
            } else {
                column.words++;
                if (column.firstWords.size() < IssueLog.EXAMPLES) {
                    column.firstWords.add(new Place(file, row, columns.get(i), IssueLog.shorten(cell)));
                }
            }
        }
    }

    Map<String, Long> missing() {
        Map<String, Long> missing = new LinkedHashMap<>();
        for (int i = 0; i < census.size(); i++) {
            missing.put(columns.get(i), census.get(i).missing);
        }
        return missing;
    }

    /**
     * Reports words in columns of numbers.
     *
     * @return the columns of numbers among the features
     */
    Set<String> reportWords(List<String> features, IssueLog issues) {
        Set<String> numeric = new LinkedHashSet<>();
        for (String feature : features) {
            Column column = census.get(columns.indexOf(feature));
            long present = column.numbers + column.words;
            if (column.numbers > 0 && column.numbers * 100 >= present * NUMERIC_PERCENT) {
                issues.found(IssueCode.NOT_A_NUMBER, column.words, column.firstWords);
                numeric.add(feature);
            }
        }
        return numeric;
    }
}
