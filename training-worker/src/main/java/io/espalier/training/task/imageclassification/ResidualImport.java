package io.espalier.training.task.imageclassification;

import io.espalier.training.catalog.ImportRefusedException;
import io.espalier.training.catalog.ImportedWeights;
import io.espalier.training.catalog.TensorCheck;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads residual networks under the names of torchvision and timm. Their sizes follow from their tensors. */
final class ResidualImport {
    /** Their own heads, and counters of batches. */
    private static final Pattern IGNORED = Pattern.compile("fc\\..*|.*\\.num_batches_tracked");

    private ResidualImport() {}

    /** @param weights all but the head's */
    record Imported(ResidualNetwork network, Map<String, Tensor> weights) {}

    /** @throws ImportRefusedException with all that is wrong */
    static Imported read(Path file) throws IOException {
        Map<String, Tensor> weights = ImportedWeights.read(file);
        ResidualNetwork network = ResidualNetwork.of(weights)
                .orElseThrow(
                        () -> new ImportRefusedException(
                                "The weights are of no residual network as torchvision and timm name it: conv1 and layer1 to layer4 are needed."));
        TensorCheck check = new TensorCheck(weights);
        for (ImageNetwork.Layer layer : network.layers()) {
            String weight = layer.convolution() + ".weight";
            check.take(weight, weight, layer.out(), layer.in(), layer.kernel(), layer.kernel());
            for (String vector : List.of(".weight", ".bias", ".running_mean", ".running_var")) {
                check.take(layer.norm() + vector, layer.norm() + vector, layer.out());
            }
        }
        return new Imported(network, check.taken(IGNORED));
    }
}
