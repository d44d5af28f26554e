package io.espalier.training.task.tabularclassification;

import io.espalier.contracts.task.tabularclassification.TabularClassification;
import io.espalier.training.task.ClassBalance;
import java.util.Map;

/** What is used where the user says nothing. */
final class TabularDefaults {
    private TabularDefaults() {}

    /** @param rows of the training split */
    static Map<String, Object> of(int rows, int classes) {
        return Map.ofEntries(
                Map.entry(
                        "epochs",
                        TabularClassification.DESCRIPTOR.trainingCost().epochs().of(rows, classes)),
                Map.entry("batchSize", rows < 1_000 ? 16 : rows < 10_000 ? 64 : 256),
                Map.entry("learningRate", 0.002),
                Map.entry("warmupRatio", 0.1),
                Map.entry("l2", 1e-4),
                Map.entry("l1", 0.0),
                Map.entry("dropout", 0.1),
                Map.entry("hiddenUnits", rows < 1_000 ? 32 : rows < 10_000 ? 64 : 128),
                Map.entry("labelSmoothing", 0.0),
                Map.entry(ClassBalance.HYPERPARAMETER, "none"),
                Map.entry("maxGradientNorm", 1.0),
                Map.entry("earlyStoppingPatience", 5),
                Map.entry("seed", 1));
    }
}
