package io.espalier.training.task.imageclassification;

import io.espalier.training.export.Arithmetic;
import io.espalier.training.export.Arithmetic.Activation;
import io.espalier.training.export.OnnxGraph;
import io.espalier.training.weights.Tensor;
import io.espalier.training.weights.TensorSource;
import io.espalier.training.weights.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A residual network (He et al. 2016) under the names of torchvision and timm: {@code residual-network.py}. Of bottlenecks the
 * middle convolution has the stride, as there.
 *
 * @param stem channels of the first convolution
 * @param widths of each of the four stages: channels of its 3 x 3 convolutions
 * @param blocks of each of the four stages
 */
record ResidualNetwork(int stem, List<Integer> widths, List<Integer> blocks, boolean bottleneck)
        implements ImageNetwork {
    static final String NAME = "resnet";
    private static final int STAGES = 4;
    private static final int EXPANSION = 4;
    static final int MOST_CHANNELS = 4096;
    static final int MOST_BLOCKS = 100;
    private static final List<Integer> USUAL_WIDTHS = List.of(64, 128, 256, 512);
    private static final Map<String, ResidualNetwork> KNOWN = Map.of(
            "resnet18", new ResidualNetwork(64, USUAL_WIDTHS, List.of(2, 2, 2, 2), false),
            "resnet34", new ResidualNetwork(64, USUAL_WIDTHS, List.of(3, 4, 6, 3), false),
            "resnet50", new ResidualNetwork(64, USUAL_WIDTHS, List.of(3, 4, 6, 3), true));

    /** The network that a hyperparameter names. */
    static Optional<ResidualNetwork> find(String name) {
        return Optional.ofNullable(KNOWN.get(name));
    }

    /**
     * The network that weights belong to, by the shapes of a few of them; whether all the others fit is for who reads them.
     *
     * @return nothing where they are of no such network
     */
    static Optional<ResidualNetwork> of(Map<String, ? extends TensorSource> weights) {
        List<Integer> widths = new ArrayList<>();
        List<Integer> blocks = new ArrayList<>();
        for (int stage = 1; stage <= STAGES; stage++) {
            TensorSource first = weights.get("layer" + stage + ".0.conv1.weight");
            int count = 1;
            while (weights.containsKey("layer" + stage + "." + count + ".conv1.weight")) {
                count++;
            }
            if (channels(first) == 0 || count > MOST_BLOCKS) {
                return Optional.empty();
            }
            widths.add(channels(first));
            blocks.add(count);
        }
        int stem = channels(weights.get("conv1.weight"));
        return stem == 0
                ? Optional.empty()
                : Optional.of(new ResidualNetwork(stem, widths, blocks, weights.containsKey("layer1.0.conv3.weight")));
    }

    /** That a convolution makes; 0 where it is none that is known. */
    private static int channels(@Nullable TensorSource convolution) {
        if (convolution == null || convolution.shape().length != 4) {
            return 0;
        }
        long channels = convolution.shape()[0];
        return channels <= MOST_CHANNELS ? (int) channels : 0;
    }

    /** One block: its convolutions, and what its input goes through before it is added, if anything. */
    private record Block(List<Layer> branch, Optional<Layer> shortcut) {}

    private List<Block> network() {
        List<Block> network = new ArrayList<>();
        int in = stem;
        for (int stage = 0; stage < blocks.size(); stage++) {
            int width = widths.get(stage);
            int out = bottleneck ? EXPANSION * width : width;
            for (int block = 0; block < blocks.get(stage); block++) {
                String prefix = "layer" + (stage + 1) + "." + block + ".";
                int stride = block == 0 && stage > 0 ? 2 : 1;
                List<Layer> branch = bottleneck
                        ? List.of(
                                layer(prefix, 1, in, width, 1, 1, false),
                                layer(prefix, 2, width, width, 3, stride, false),
                                layer(prefix, 3, width, out, 1, 1, true))
                        : List.of(
                                layer(prefix, 1, in, width, 3, stride, false),
                                layer(prefix, 2, width, out, 3, 1, true));
                Optional<Layer> shortcut = in == out && stride == 1
                        ? Optional.empty()
                        : Optional.of(
                                new Layer(prefix + "downsample.0", prefix + "downsample.1", in, out, 1, stride, false));
                network.add(new Block(branch, shortcut));
                in = out;
            }
        }
        return network;
    }

    private static Layer layer(String prefix, int index, int in, int out, int kernel, int stride, boolean ends) {
        return new Layer(prefix + "conv" + index, prefix + "bn" + index, in, out, kernel, stride, ends);
    }

    private Layer firstLayer() {
        return new Layer("conv1", "bn1", 3, stem, 7, 2, false);
    }

    @Override
    public List<Layer> layers() {
        List<Layer> layers = new ArrayList<>(List.of(firstLayer()));
        for (Block block : network()) {
            layers.addAll(block.branch);
            block.shortcut.ifPresent(layers::add);
        }
        return layers;
    }

    /** Of an unusual one its kind. */
    @Override
    public String name() {
        return KNOWN.entrySet().stream()
                .filter(known -> known.getValue().equals(this))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(NAME);
    }

    @Override
    public String head() {
        return "fc";
    }

    @Override
    public int features() {
        return widths.getLast() * (bottleneck ? EXPANSION : 1);
    }

    @Override
    public String program() {
        return "residual-network.py";
    }

    @Override
    public Map<String, Object> architecture() {
        return Map.of("network", NAME, "stem", stem, "widths", widths, "blocks", blocks, "bottleneck", bottleneck);
    }

    @Override
    public Map<String, Object> attributes() {
        return Map.of(
                "first", blocks.get(0),
                "second", blocks.get(1),
                "third", blocks.get(2),
                "fourth", blocks.get(3),
                "bottleneck", bottleneck,
                "projects", network().getFirst().shortcut.isPresent());
    }

    @Override
    public OnnxGraph graph(Arithmetic arithmetic, Map<String, Tensor> weights, int size) {
        return new Description(arithmetic, weights).whole(size);
    }

    /** Writes the network down, operator by operator. */
    private final class Description {
        private final OnnxGraph graph = new OnnxGraph();
        private final Arithmetic arithmetic;
        private final Map<String, Tensor> weights;

        Description(Arithmetic arithmetic, Map<String, Tensor> weights) {
            this.arithmetic = arithmetic;
            this.weights = weights;
        }

        OnnxGraph whole(int size) {
            graph.floatInput(PIXEL_VALUES, "batch", 3, size, size);
            Activation pixels = arithmetic.activation(graph, PIXEL_VALUES, PIXEL_VALUES);
            String pooled = graph.node(
                    "MaxPool",
                    List.of(rectified(convolution(firstLayer(), pixels))),
                    OnnxGraph.integers("kernel_shape", 3, 3),
                    OnnxGraph.integers("pads", 1, 1, 1, 1),
                    OnnxGraph.integers("strides", 2, 2));
            Activation x = arithmetic.activation(graph, pooled, "conv1");
            for (Block block : network()) {
                x = block(block, x);
            }
            String features = graph.node("Flatten", List.of(graph.node("GlobalAveragePool", List.of(x.value()))));
            Tensor head = Weights.named(weights, "fc.weight");
            ImageNetwork.classify(graph, features, head, Weights.named(weights, "fc.bias", head.dimension(0)), head());
            return graph;
        }

        private Activation block(Block block, Activation x) {
            Activation y = x;
            for (Layer layer : block.branch) {
                String sum = convolution(layer, y);
                y = arithmetic.activation(graph, layer.endsBranch() ? sum : rectified(sum), layer.convolution());
            }
            Activation shortcut = x;
            if (block.shortcut.isPresent()) {
                Layer layer = block.shortcut.get();
                shortcut = arithmetic.activation(graph, convolution(layer, x), layer.convolution());
            }
            String sum = graph.node("Add", List.of(y.value(), shortcut.value()));
            return arithmetic.activation(
                    graph, rectified(sum), block.branch.getLast().norm());
        }

        private String convolution(Layer layer, Activation x) {
            Folded folded = Folded.of(layer, weights);
            return arithmetic.convolution(
                    graph, x, layer.convolution(), folded.weight(), folded.bias(), layer.stride());
        }

        private String rectified(String value) {
            return graph.node("Relu", List.of(value));
        }
    }
}
