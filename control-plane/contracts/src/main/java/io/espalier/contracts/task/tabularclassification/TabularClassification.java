package io.espalier.contracts.task.tabularclassification;

import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.Hyperparameter;
import io.espalier.contracts.task.LabelScores;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.TaskDescriptor.BaseModelUse;
import io.espalier.contracts.task.TrainingCost;
import java.util.List;

/** Assigns one of a fixed set of labels to a row of numbers and categories. */
public final class TabularClassification {
    public static final String NAME = "tabular-classification";

    public static final TaskDescriptor DESCRIPTOR = new TaskDescriptor(
            NAME,
            "Assigns one of a fixed set of labels to a row of a table: numbers, categories, missing values.",
            BaseModelUse.NONE,
            NAME,
            "rocAuc",
            List.of(
                    new ColumnRole("features", "The columns to learn from", true, true, false, List.of()),
                    new ColumnRole(
                            ColumnRole.LABEL,
                            "The column to predict",
                            true,
                            false,
                            false,
                            List.of("label", "class", "target", "y", "outcome", "income", "churn", "category"))),
            List.of(
                    Hyperparameter.integer(
                            "epochs",
                            1,
                            1000,
                            "100 below 1,000 rows, 40 below 10,000, else 20",
                            "Passes over the training split"),
                    Hyperparameter.integer(
                            "batchSize", 1, 8192, "16 below 1,000 rows, 64 below 10,000, else 256", "Examples a step"),
                    Hyperparameter.number("learningRate", 1e-6, 1, "0.002", "Peak learning rate, after warm-up"),
                    Hyperparameter.number("warmupRatio", 0, 0.5, "0.1", "Share of the steps in which the rate rises"),
                    Hyperparameter.number("l2", 0, 1, "0.0001", "L2 penalty, as AdamW's decoupled weight decay"),
                    Hyperparameter.number("l1", 0, 1, "0", "L1 penalty of the weights of the hidden layers"),
                    Hyperparameter.number("dropout", 0, 0.8, "0.1", "Dropout after each hidden layer"),
                    Hyperparameter.integer(
                            "hiddenUnits",
                            4,
                            2048,
                            "32 below 1,000 rows, 64 below 10,000, else 128",
                            "Units of each of the two hidden layers"),
                    Hyperparameter.number("labelSmoothing", 0, 0.5, "0", "Probability spread over all labels"),
                    Hyperparameter.choice(
                            "classWeights", List.of("none", "balanced"), "none", "Weights of the classes in the loss"),
                    Hyperparameter.number(
                            "maxGradientNorm", 0.01, 1000, "1.0", "Global norm that gradients are clipped to"),
                    Hyperparameter.integer(
                            "earlyStoppingPatience",
                            0,
                            100,
                            "5",
                            "Epochs without improvement before training ends; 0: never"),
                    Hyperparameter.integer("seed", 0, Integer.MAX_VALUE, "1", "Seed of all random numbers")),
            """
            {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}""",
            List.of(),
            LabelScores.PARAMETERS_SCHEMA,
            LabelScores.OUTPUT_SCHEMA,
            "{\"age\": 41, \"occupation\": \"Sales\"}",
            List.of(),
            // A small network over a table, on one core.
            new TrainingCost((rows, _) -> epochs(rows), 20_000));

    private TabularClassification() {}

    private static int epochs(long rows) {
        return rows < 1_000 ? 100 : rows < 10_000 ? 40 : 20;
    }
}
