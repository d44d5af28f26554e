package io.espalier.contracts.task.textclassification;

import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.Hyperparameter;
import io.espalier.contracts.task.LabelScores;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.TaskDescriptor.BaseModelUse;
import io.espalier.contracts.task.TrainingCost;
import java.util.List;

/** Assigns one of a fixed set of labels to a text. */
public final class TextClassification {
    public static final String NAME = "text-classification";

    /** From this many labels on, neighbours are easily confused, and hard targets overfit. */
    public static final int MANY_CLASSES = 10;

    public static final TaskDescriptor DESCRIPTOR = new TaskDescriptor(
            NAME,
            "Assigns one of a fixed set of labels to a text: intents, sentiments, topics.",
            BaseModelUse.REQUIRED,
            NAME,
            "accuracy",
            List.of(
                    new ColumnRole(
                            "text",
                            "The text to classify",
                            true,
                            false,
                            false,
                            List.of(
                                    "text",
                                    "sentence",
                                    "review",
                                    "message",
                                    "content",
                                    "body",
                                    "comment",
                                    "question",
                                    "query",
                                    "utterance",
                                    "tweet",
                                    "title",
                                    "description",
                                    "input")),
                    new ColumnRole(
                            ColumnRole.LABEL,
                            "The label to learn",
                            true,
                            false,
                            false,
                            List.of(
                                    "label",
                                    "class",
                                    "category",
                                    "intent",
                                    "target",
                                    "sentiment",
                                    "topic",
                                    "y",
                                    "tag",
                                    "output"))),
            List.of(
                    Hyperparameter.integer(
                            "epochs",
                            1,
                            100,
                            "10 below 1,000 rows, 6 below 5,000, 3 below 20,000, 2 below 100,000, else 1; twice that from 10 labels on",
                            "Passes over the training split"),
                    Hyperparameter.integer("batchSize", 1, 512, "16 below 2,000 rows, else 32", "Examples a step"),
                    Hyperparameter.number(
                            "learningRate", 1e-7, 1e-2, "0.0001", "Peak learning rate of the encoder, after warm-up"),
                    Hyperparameter.number(
                            "headLearningRate",
                            1e-7,
                            1e-1,
                            "0.001; 0.002 from 10 labels on",
                            "Peak learning rate of the classifier head"),
                    Hyperparameter.number("warmupRatio", 0, 0.5, "0.1", "Share of the steps in which the rate rises"),
                    Hyperparameter.number(
                            "weightDecay", 0, 1, "0.01", "AdamW's decay, of weights but not of biases and norms"),
                    Hyperparameter.number(
                            "maxGradientNorm", 0.01, 1000, "1.0", "Global norm that gradients are clipped to"),
                    Hyperparameter.number("dropout", 0, 0.8, "0.1", "Dropout in the encoder and before the head"),
                    Hyperparameter.number(
                            "labelSmoothing", 0, 0.5, "0; 0.1 from 10 labels on", "Probability spread over all labels"),
                    Hyperparameter.choice(
                            "classWeights", List.of("none", "balanced"), "none", "Weights of the classes in the loss"),
                    Hyperparameter.integer(
                            "maxLength", 8, 512, "128", "Tokens of a text that are read; the rest is cut off"),
                    Hyperparameter.integer(
                            "earlyStoppingPatience",
                            0,
                            100,
                            "3",
                            "Epochs without improvement before training ends; 0: never"),
                    Hyperparameter.choice(
                            "precision",
                            List.of("auto", "fp32", "bf16"),
                            "auto",
                            "Arithmetic of training; auto times both at the start"),
                    Hyperparameter.integer("seed", 0, Integer.MAX_VALUE, "1", "Seed of all random numbers")),
            """
            {"type": "string", "minLength": 1, "maxLength": 20000}""",
            List.of(),
            LabelScores.PARAMETERS_SCHEMA,
            LabelScores.OUTPUT_SCHEMA,
            "\"Where is my parcel?\"",
            List.of(),
            // Measured on two cores with a six-layer encoder and sentences.
            new TrainingCost(TextClassification::epochs, 60));

    private TextClassification() {}

    /** Few rows need more passes, and many classes have few rows each. */
    private static int epochs(long rows, int classes) {
        int epochs = rows < 1_000 ? 10 : rows < 5_000 ? 6 : rows < 20_000 ? 3 : rows < 100_000 ? 2 : 1;
        return classes >= MANY_CLASSES ? 2 * epochs : epochs;
    }
}
