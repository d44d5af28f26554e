package io.espalier.training.data;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How many distinct inputs of each label go to the splits that the user did not give. Ten percent each, at least one where
 * a label has enough; the rest trains. Validation and test are capped, because an evaluation gains nothing from more.
 */
final class Splits {
    static final double SHARE = 0.1;
    static final long MOST_VALIDATION_ROWS = 5_000;
    static final long MOST_TEST_ROWS = 20_000;

    /** For one label. */
    record Quota(long test, long validation) {}

    private Splits() {}

    /** @param inputs distinct inputs to share out, by label */
    static Map<String, Quota> quotas(Map<String, Long> inputs, boolean carveTest, boolean carveValidation) {
        long total = inputs.values().stream().mapToLong(Long::longValue).sum();
        double testShare = share(carveTest, total, MOST_TEST_ROWS);
        double validationShare = share(carveValidation, total, MOST_VALIDATION_ROWS);
        Map<String, Quota> quotas = new LinkedHashMap<>();
        inputs.forEach((label, count) -> {
            // One stays to train on, whatever happens; then the test split is served first.
            long spare = count - 1;
            long test = Math.min(spare, atLeastOne(carveTest, testShare * count));
            long validation = Math.min(spare - test, atLeastOne(carveValidation, validationShare * count));
            quotas.put(label, new Quota(test, validation));
        });
        return quotas;
    }

    private static double share(boolean carve, long total, long most) {
        return carve && total > 0 ? Math.min(SHARE, most / (double) total) : 0;
    }

    private static long atLeastOne(boolean carve, double rows) {
        return carve ? Math.max(1, Math.round(rows)) : 0;
    }
}
