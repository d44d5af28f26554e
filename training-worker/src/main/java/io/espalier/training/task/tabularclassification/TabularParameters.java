package io.espalier.training.task.tabularclassification;

import io.espalier.modelkit.task.tabularclassification.TabularTransform;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Parameter.Group;
import io.espalier.training.weights.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;

/** The tensors of the network in the order in which its program numbers them. */
final class TabularParameters {
    /** Small beside the standardized numbers, so that a category starts with little to say. */
    private static final double EMBEDDING_DEVIATION = 0.1;

    private static final int WIDEST_EMBEDDING = 50;

    private TabularParameters() {}

    static List<Parameter> of(TabularTransform transform, int hiddenUnits, int classes, long seed) {
        Random random = new Random(seed);
        List<Parameter> parameters = new ArrayList<>();
        int inputs = transform.numericWidth();
        List<Integer> sizes = transform.categoricalSizes();
        for (int i = 0; i < sizes.size(); i++) {
            int width = embeddingWidth(sizes.get(i));
            inputs += width;
            parameters.add(new Parameter(
                    "embeddings." + i + ".weight",
                    Group.BODY_WEIGHTS,
                    random(() -> random.nextGaussian() * EMBEDDING_DEVIATION, sizes.get(i), width)));
        }
        layer(parameters, "hidden.0", Group.BODY_WEIGHTS, Group.BODY_VECTORS, hiddenUnits, inputs, random);
        layer(parameters, "hidden.1", Group.BODY_WEIGHTS, Group.BODY_VECTORS, hiddenUnits, hiddenUnits, random);
        layer(parameters, "output", Group.HEAD_WEIGHTS, Group.HEAD_VECTORS, classes, hiddenUnits, random);
        return List.copyOf(parameters);
    }

    /** The rule of thumb of fast.ai's tabular learner. */
    static int embeddingWidth(int indices) {
        return Math.min(WIDEST_EMBEDDING, (int) Math.round(1.6 * Math.pow(indices, 0.56)));
    }

    /** Uniform within one over the root of the inputs, as PyTorch's linear layers start. */
    private static void layer(
            List<Parameter> parameters,
            String name,
            Group weights,
            Group biases,
            int outputs,
            int inputs,
            Random random) {
        double bound = 1 / Math.sqrt(inputs);
        DoubleSupplier uniform = () -> (2 * random.nextDouble() - 1) * bound;
        parameters.add(new Parameter(name + ".weight", weights, random(uniform, outputs, inputs)));
        parameters.add(new Parameter(name + ".bias", biases, random(uniform, outputs)));
    }

    private static Tensor random(DoubleSupplier distribution, long... shape) {
        int size = 1;
        for (long dimension : shape) {
            size = Math.toIntExact(size * dimension);
        }
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) distribution.getAsDouble();
        }
        return Tensor.of(values, shape);
    }
}
