package io.espalier.contracts.task.imageclassification;

import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.Hyperparameter;
import io.espalier.contracts.task.LabelScores;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.TaskDescriptor.BaseModelUse;
import io.espalier.contracts.task.TrainingCost;
import java.util.List;

/** Assigns one of a fixed set of labels to an image. */
public final class ImageClassification {
    public static final String NAME = "image-classification";
    /** The role of the images. */
    public static final String IMAGE = "image";

    public static final TaskDescriptor DESCRIPTOR = new TaskDescriptor(
            NAME,
            "Assigns one of a fixed set of labels to an image: kinds of products, defects, scenes.",
            BaseModelUse.OPTIONAL,
            NAME,
            "accuracy",
            List.of(
                    new ColumnRole(
                            IMAGE,
                            "The image to classify",
                            true,
                            false,
                            true,
                            List.of(
                                    "image",
                                    "img",
                                    "file",
                                    "filename",
                                    "file_name",
                                    "path",
                                    "filepath",
                                    "image_path",
                                    "picture",
                                    "photo",
                                    "pixels")),
                    new ColumnRole(
                            ColumnRole.LABEL,
                            "The label to learn",
                            true,
                            false,
                            false,
                            List.of("label", "class", "category", "target", "fine_label", "y", "tag", "species"))),
            List.of(
                    Hyperparameter.integer(
                            "epochs",
                            1,
                            1000,
                            "60 below 2,000 images, 30 below 20,000, else 15",
                            "Passes over the training split"),
                    Hyperparameter.integer(
                            "batchSize", 1, 1024, "16 below 1,000 images, 64 below 5,000, else 128", "Images a step"),
                    Hyperparameter.choice(
                            "network",
                            List.of("compact", "resnet18", "resnet34", "resnet50"),
                            "compact",
                            "Nine layers for small images, or a residual network as torchvision and timm have it"),
                    Hyperparameter.choice(
                            "trained",
                            List.of("all", "head"),
                            "all",
                            "What learns: every layer, or the head alone, which takes a base model"),
                    Hyperparameter.number(
                            "layerDecay",
                            0.1,
                            1,
                            "1",
                            "What the rate of each stage is multiplied by, as seen from the one above"),
                    Hyperparameter.number(
                            "learningRate",
                            1e-6,
                            10,
                            "0.1 below 1,000 images, 0.2 below 5,000, else 0.4; 0.02 from a base model",
                            "Peak learning rate, after warm-up"),
                    Hyperparameter.number(
                            "headLearningRate",
                            1e-6,
                            10,
                            "as learningRate; 0.1 from a base model",
                            "Peak learning rate of the head"),
                    Hyperparameter.number("warmupRatio", 0, 0.9, "0.2", "Share of the steps in which the rate rises"),
                    Hyperparameter.number("momentum", 0, 0.999, "0.9", "Nesterov momentum of the gradient descent"),
                    Hyperparameter.number("weightDecay", 0, 1, "0.0005", "Decay of weights, not of biases and norms"),
                    Hyperparameter.number(
                            "maxGradientNorm", 0.01, 1000, "10", "Global norm that gradients are clipped to"),
                    Hyperparameter.integer(
                            "width",
                            4,
                            256,
                            "16 below 2,000 images, else 32",
                            "Channels of the first layer of the compact network; the last has eight times as many"),
                    Hyperparameter.integer(
                            "imageSize",
                            16,
                            512,
                            "32, 64 or 128, by the size of the images",
                            "Pixels a side that the model reads: the middle of the image, scaled"),
                    Hyperparameter.number("dropout", 0, 0.8, "0.1", "Dropout before the head"),
                    Hyperparameter.number("labelSmoothing", 0, 0.5, "0.1", "Probability spread over all labels"),
                    Hyperparameter.choice(
                            "classWeights", List.of("none", "balanced"), "none", "Weights of the classes in the loss"),
                    Hyperparameter.flag("augmentation", "true", "Whether training images are changed at random at all"),
                    Hyperparameter.number(
                            "cropShift",
                            0,
                            0.5,
                            "0.125",
                            "How far an image is shifted at most, as a share of its side"),
                    Hyperparameter.number(
                            "leastScale",
                            0.05,
                            1,
                            "1",
                            "The least share of the image's area that is cut out; 1: all of it"),
                    Hyperparameter.number("rotation", 0, 180, "0", "Degrees that an image is turned by at most"),
                    Hyperparameter.choice(
                            "flip",
                            List.of("none", "horizontal", "both"),
                            "horizontal",
                            "Which way every second image is mirrored"),
                    Hyperparameter.number(
                            "colorJitter",
                            0,
                            1,
                            "0",
                            "By which share brightness, contrast and saturation change at most"),
                    Hyperparameter.number(
                            "erasing", 0, 1, "0.25", "Probability that a rectangle of the image is made grey"),
                    Hyperparameter.number(
                            "mixup", 0, 2, "0", "Concentration of the shares in which two images are mixed; 0: never"),
                    Hyperparameter.number(
                            "cutmix",
                            0,
                            2,
                            "0",
                            "Concentration of the area in which another image is pasted; 0: never"),
                    Hyperparameter.integer(
                            "earlyStoppingPatience",
                            0,
                            1000,
                            "0",
                            "Epochs without improvement before training ends; 0: never"),
                    Hyperparameter.choice(
                            "precision",
                            List.of("auto", "fp32", "bf16"),
                            "auto",
                            "Arithmetic of training; auto times both at the start"),
                    Hyperparameter.integer("seed", 0, Integer.MAX_VALUE, "1", "Seed of all random numbers")),
            """
            {"type": "string", "contentEncoding": "base64", "minLength": 1, "description": \
            "An image file (JPEG, PNG, GIF, BMP, WebP or PNM) in base64, or a data URL of one"}""",
            List.of("image/jpeg", "image/png", "image/gif", "image/bmp", "image/webp", "image/x-portable-anymap"),
            LabelScores.PARAMETERS_SCHEMA,
            LabelScores.OUTPUT_SCHEMA,
            "\"iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAE0lEQVR4nGP4z8CAFWEXHbQSACj/P8E5vBgaAAAAAElFTkSuQmCC\"",
            List.of(),
            // A network of nine layers over images of 32 pixels a side, on two cores.
            new TrainingCost((rows, _) -> epochs(rows), 250));

    private ImageClassification() {}

    private static int epochs(long rows) {
        return rows < 2_000 ? 60 : rows < 20_000 ? 30 : 15;
    }
}
