package io.espalier.training.task.imageclassification;

import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.catalog.ImportFolder;
import io.espalier.training.catalog.ImportRefusedException;
import io.espalier.training.catalog.TensorCheck;
import io.espalier.training.weights.TensorSource;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads residual networks under the names of torchvision and timm. Their sizes follow from their tensors. */
final class ResidualImport {
    /** Their own heads, and counters of batches. */
    private static final Pattern IGNORED = Pattern.compile("fc\\..*|.*\\.num_batches_tracked");

    /** Of ImageNet, which torchvision and timm train on. */
    private static final List<Double> USUAL_MEAN = List.of(0.485, 0.456, 0.406);

    private static final List<Double> USUAL_DEVIATION = List.of(0.229, 0.224, 0.225);
    /** Others have the same tensors and do something else with them: resnetblur50. */
    private static final Pattern PLAIN = Pattern.compile("(tv_)?resnet(\\d.*)?");

    private static final int USUAL_SIZE = 224;
    private static final int SMALLEST = 16;
    private static final int LARGEST = 512;

    private ResidualImport() {}

    /** @param weights all but the head's; they last as long as the tensors that they are */
    record Imported(ResidualNetwork network, Map<String, TensorSource> weights) {}

    /** @throws ImportRefusedException with all that is wrong */
    static Imported read(Map<String, TensorSource> weights) {
        ResidualNetwork network = ResidualNetwork.of(weights)
                .orElseThrow(() -> new ImportRefusedException(
                        "The weights are of no residual network as torchvision and timm name it: conv1 and layer1 to layer4 are needed, of up to %d channels and %d blocks."
                                .formatted(ResidualNetwork.MOST_CHANNELS, ResidualNetwork.MOST_BLOCKS)));
        TensorCheck check = new TensorCheck(weights);
        for (ImageNetwork.Layer layer : network.layers()) {
            String weight = layer.convolution() + ".weight";
            check.take(weight, weight, layer.out(), layer.in(), layer.kernel(), layer.kernel());
            for (String vector : List.of(".weight", ".bias", ".running_mean", ".running_var")) {
                check.take(layer.norm() + vector, layer.norm() + vector, layer.out());
            }
        }
        Map<String, TensorSource> taken = check.taken(IGNORED);
        List<String> negative = network.layers().stream()
                .map(layer -> layer.norm() + ".running_var")
                .filter(name -> hasNegative(Objects.requireNonNull(taken.get(name))))
                .map("The tensor %s holds variances below 0."::formatted)
                .toList();
        if (!negative.isEmpty()) {
            throw new ImportRefusedException(negative);
        }
        return new Imported(network, taken);
    }

    private static boolean hasNegative(TensorSource tensor) {
        for (float value : tensor.values()) {
            if (value < 0) {
                return true;
            }
        }
        return false;
    }

    /**
     * How the network wants its images, by timm's {@code config.json}; as ImageNet's networks do where it does not say.
     *
     * @throws ImportRefusedException if what it says is impossible
     */
    static ImageTransform transform(ImportFolder files) throws IOException {
        JsonNode config = files.config();
        String architecture = config.path("architecture").asString("resnet");
        if (!PLAIN.matcher(architecture).matches()) {
            throw new ImportRefusedException(
                    "The configuration says the architecture \"%s\"; resnet18, resnet50 and their like can be imported."
                            .formatted(architecture));
        }
        JsonNode pretrained = config.has("pretrained_cfg") ? config.path("pretrained_cfg") : config;
        int size = pretrained.path("input_size").path(2).asInt(USUAL_SIZE);
        if (size < SMALLEST || size > LARGEST) {
            throw new ImportRefusedException("The configuration's input_size is %d; %d to %d pixels are known."
                    .formatted(size, SMALLEST, LARGEST));
        }
        try {
            return new ImageTransform(
                    size,
                    numbers(pretrained.path("mean"), USUAL_MEAN),
                    numbers(pretrained.path("std"), USUAL_DEVIATION));
        } catch (IllegalArgumentException e) {
            throw new ImportRefusedException("The configuration's mean and std are not three positive numbers each.");
        }
    }

    private static List<Double> numbers(JsonNode list, List<Double> usual) {
        if (!list.isArray()) {
            return usual;
        }
        if (!list.valueStream().allMatch(value -> value.isNumber() && Double.isFinite(value.doubleValue()))) {
            throw new IllegalArgumentException("Not numbers: " + list);
        }
        return list.valueStream().map(JsonNode::doubleValue).toList();
    }
}
