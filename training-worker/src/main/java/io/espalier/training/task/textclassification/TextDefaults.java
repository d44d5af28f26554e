package io.espalier.training.task.textclassification;

import io.espalier.contracts.task.textclassification.TextClassification;
import io.espalier.training.task.ClassBalance;
import java.util.HashMap;
import java.util.Map;

/** What is used where the user says nothing ({@code tests/benchmarks/recipes} compares it with the plain recipe). */
final class TextDefaults {
    static final String MAX_LENGTH = "maxLength";
    static final int DEFAULT_MAX_LENGTH = 128;

    private TextDefaults() {}

    /** @param rows of the training split */
    static Map<String, Object> of(int rows, int classes) {
        boolean manyClasses = classes >= TextClassification.MANY_CLASSES;
        Map<String, Object> defaults = new HashMap<>();
        defaults.put(
                "epochs", TextClassification.DESCRIPTOR.trainingCost().epochs().of(rows, classes));
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
}
