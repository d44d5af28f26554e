package io.espalier.training.data;

import java.util.Map;

/**
 * How long a training will take, roughly: rows times epochs times what a row costs, plus what every job costs. Right within a
 * factor of two or three on a machine of 2 to 4 cores; the training itself then shows the time that remains.
 */
final class TrainingTimeEstimate {
    /** Starting the trial's process, exporting and evaluating. */
    private static final double FIXED_SECONDS = 15;
    /** Forward and backward through a 6-layer, 384-wide encoder, on two cores. */
    private static final double SECONDS_PER_TOKEN = 1.2e-4;
    /** A row of a table, through two hidden layers. */
    private static final double SECONDS_PER_TABLE_ROW = 1e-5;

    private static final int LONGEST_TOKENS = 128;
    private static final int DEFAULT_EPOCHS = 3;
    private static final int DEFAULT_TABLE_EPOCHS = 20;

    private TrainingTimeEstimate() {}

    /** @param meanTokens of an input; 1 for a row of a table */
    static double seconds(long trainingRows, double meanTokens, Map<String, Object> hyperparameters) {
        boolean table = meanTokens <= 1;
        double perRow = table ? SECONDS_PER_TABLE_ROW : SECONDS_PER_TOKEN * Math.min(meanTokens, LONGEST_TOKENS);
        double epochs = hyperparameters.get("epochs") instanceof Number chosen
                ? chosen.doubleValue()
                : table ? DEFAULT_TABLE_EPOCHS : DEFAULT_EPOCHS;
        return FIXED_SECONDS + trainingRows * epochs * perRow;
    }
}
