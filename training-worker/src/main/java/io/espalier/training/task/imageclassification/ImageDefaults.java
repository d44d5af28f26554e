package io.espalier.training.task.imageclassification;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.imageclassification.ImageClassification;
import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.task.ClassBalance;
import io.espalier.training.tune.Hyperparameters;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What is used where the user says nothing. */
final class ImageDefaults {
    private ImageDefaults() {}

    /**
     * @param rows of the training split
     * @param medianSide of its images: the shorter side
     */
    static Map<String, Object> of(int rows, int classes, int medianSide) {
        Map<String, Object> defaults = new HashMap<>();
        defaults.put(
                "epochs", ImageClassification.DESCRIPTOR.trainingCost().epochs().of(rows, classes));
        defaults.put("batchSize", rows < 1_000 ? 16 : rows < 5_000 ? 64 : 128);
        defaults.put("network", CompactNetwork.NAME);
        defaults.put("trained", "all");
        defaults.put("layerDecay", 1.0);
        defaults.put("learningRate", rows < 1_000 ? 0.1 : rows < 5_000 ? 0.2 : 0.4);
        defaults.put("warmupRatio", 0.2);
        defaults.put("momentum", 0.9);
        defaults.put("weightDecay", 5e-4);
        defaults.put("maxGradientNorm", 10.0);
        defaults.put("width", rows < 2_000 ? 16 : 32);
        defaults.put("imageSize", medianSide <= 48 ? 32 : medianSide <= 96 ? 64 : 128);
        defaults.put("dropout", 0.1);
        defaults.put("labelSmoothing", 0.1);
        defaults.put(ClassBalance.HYPERPARAMETER, "none");
        defaults.put("augmentation", true);
        defaults.put("cropShift", 0.125);
        defaults.put("leastScale", 1.0);
        defaults.put("rotation", 0.0);
        defaults.put("flip", "horizontal");
        defaults.put("colorJitter", 0.0);
        defaults.put("erasing", 0.25);
        defaults.put("mixup", 0.0);
        defaults.put("cutmix", 0.0);
        defaults.put("earlyStoppingPatience", 0);
        defaults.put("precision", "auto");
        defaults.put("seed", 1);
        return defaults;
    }

    /** For a training from nothing on all that a dataset version has. */
    static Map<String, Object> of(DatasetReport report) {
        DatasetReport.Images images = Objects.requireNonNull(report.profile().images());
        return of(
                Math.toIntExact(report.rowsBySplit().getOrDefault(Split.TRAIN, 0L)),
                report.profile().classes().size(),
                Math.toIntExact(
                        Math.min(images.widths().median(), images.heights().median())));
    }

    /**
     * For a training that starts from a trained network, which keeps its shape: what is chosen of that has to be the same.
     *
     * @param pretrained the architecture of the network
     * @throws ProblemException INVALID_REQUEST if it is not
     */
    static Hyperparameters fineTuned(Hyperparameters chosen, int rows, int classes, Map<String, Object> pretrained) {
        Map<String, Object> defaults = of(rows, classes, 0);
        ImageNetwork network = ImageNetwork.of(pretrained);
        defaults.put("imageSize", ImageTransform.of(pretrained).size());
        defaults.put("learningRate", 0.02);
        defaults.put("headLearningRate", 0.1);
        defaults.put("network", network.name());
        if (network instanceof CompactNetwork(int width)) {
            defaults.put("width", width);
        } else {
            defaults.remove("width");
        }
        Hyperparameters all = chosen.orElse(defaults);
        for (String name : List.of("network", "width")) {
            if (chosen.has(name) && !Objects.equals(all.values().get(name), defaults.get(name))) {
                throw new ProblemException(
                        ProblemType.INVALID_REQUEST,
                        "The hyperparameter %s is the base model's, %s; leave it out."
                                .formatted(name, defaults.getOrDefault(name, "which has none")));
            }
        }
        return all;
    }
}
