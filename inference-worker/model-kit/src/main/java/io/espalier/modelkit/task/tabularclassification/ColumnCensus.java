package io.espalier.modelkit.task.tabularclassification;

import io.espalier.modelkit.task.tabularclassification.TabularTransform.Categorical;
import io.espalier.modelkit.task.tabularclassification.TabularTransform.Column;
import io.espalier.modelkit.task.tabularclassification.TabularTransform.Numeric;
import io.espalier.modelkit.task.tabularclassification.TabularTransform.Scale;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * Looks at all cells of a column once and decides what the column is: numeric if all are JSON numbers, else categorical. A
 * text is a category whatever it looks like, for the same column may hold words in another split.
 */
final class ColumnCensus {
    /** Beyond this many different values a further one counts as unknown. */
    private static final int MAX_VALUES = 10_000;
    /** From this many rows on, a value seen once teaches more as an example of the unknown. */
    private static final int ROWS_FOR_RARE_VALUES = 1000;
    /** Beyond this, a few rows hold most of a column's variance: they would drown the others. */
    private static final double SKEWED = 3;

    private final String name;
    private final Map<String, Integer> values = new HashMap<>();
    private final Moments linear = new Moments();
    private final Moments signedLog = new Moments();
    private boolean numeric = true;
    private long present;

    ColumnCensus(String name) {
        this.name = name;
    }

    /** @param cell a text, number, boolean or null of JSON */
    void count(JsonNode cell) {
        String text = Cells.text(cell);
        if (text == null) {
            return;
        }
        present++;
        if (values.size() < MAX_VALUES || values.containsKey(text)) {
            values.merge(text, 1, Integer::sum);
        }
        numeric &= cell.isNumber();
        if (numeric) {
            linear.add(cell.doubleValue());
            signedLog.add(Scale.SIGNED_LOG.apply(cell.doubleValue()));
        }
    }

    /** @param rows of the whole table; those that this column did not see are empty */
    Column column(long rows) {
        if (numeric && present > 0) {
            Scale scale = Math.abs(linear.skewness()) > SKEWED ? Scale.SIGNED_LOG : Scale.LINEAR;
            Moments moments = scale == Scale.LINEAR ? linear : signedLog;
            return new Numeric(name, scale, moments.mean, moments.deviation(), present < rows);
        }
        int least = rows < ROWS_FOR_RARE_VALUES ? 1 : 2;
        List<String> known = values.entrySet().stream()
                .filter(value -> value.getValue() >= least)
                .sorted(Comparator.comparing((Map.Entry<String, Integer> value) -> -value.getValue())
                        .thenComparing(Map.Entry::getKey))
                .map(Map.Entry::getKey)
                .toList();
        return new Categorical(name, known);
    }

    /** Mean, variance and skewness in one pass: Pébay, "Formulas for robust one-pass parallel computation", 2008. */
    private static final class Moments {
        private long count;
        private double mean;
        private double second;
        private double third;

        void add(double value) {
            long before = count++;
            double delta = value - mean;
            double step = delta / count;
            double term = delta * step * before;
            mean += step;
            third += term * step * (count - 2) - 3 * step * second;
            second += term;
        }

        double deviation() {
            double deviation = Math.sqrt(second / count);
            return deviation > 0 ? deviation : 1;
        }

        double skewness() {
            return second > 0 ? Math.sqrt(count) * third / Math.pow(second, 1.5) : 0;
        }
    }
}
