package io.espalier.training.task.textclassification;

import io.espalier.training.task.ClassBalance;
import java.util.HashMap;
import java.util.Map;

/** What is used where the user says nothing (RATIONALE.md has the comparisons that it comes from). */
final class TextDefaults {
    static final String MAX_LENGTH = "maxLength";
    static final int DEFAULT_MAX_LENGTH = 128;

    /** From this many labels on, neighbours are easily confused, and hard targets overfit. */
    private static final int MANY_CLASSES = 10;

    private TextDefaults() {}

    /** @param rows of the training split */
    static Map<String, Object> of(int rows, int classes) {
        boolean manyClasses = classes >= MANY_CLASSES;
        Map<String, Object> defaults = new HashMap<>();
        defaults.put("epochs", epochs(rows, manyClasses));
        defaults.put("batchSize", rows < 2_000 ? 16 : 32);
        defaults.put("learningRate", 1e-4);
        defaults.put("headLearningRate", manyClasses ? 2e-3 : 1e-3);
        defaults.put("warmupRatio", 0.1);
        defaults.put("weightDecay", 0.01);
        defaults.put("maxGradientNorm", 1.0);
        defaults.put("dropout", 0.1);
        defaults.put("labelSmoothing", manyClasses ? 0.1 : 0.0);
        defaults.put(ClassBalance.HYPERPARAMETER, "none");
        defaults.put("earlyStoppingPatience", 3);
        defaults.put("precision", "auto");
        defaults.put("seed", 1);
        return defaults;
    }

    /** Few rows need more passes, and many classes have few rows each. */
    private static int epochs(int rows, boolean manyClasses) {
        int epochs = rows < 1_000 ? 10 : rows < 5_000 ? 6 : rows < 20_000 ? 3 : rows < 100_000 ? 2 : 1;
        return manyClasses ? 2 * epochs : epochs;
    }
}
