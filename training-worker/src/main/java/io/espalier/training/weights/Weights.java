package io.espalier.training.weights;

import java.util.Arrays;
import java.util.Map;

/** Looks into a model's weights by name, and says which one is not as expected. */
public final class Weights {
    private Weights() {}

    /** @throws InvalidWeightsException if the model has no such tensor */
    public static Tensor named(Map<String, Tensor> weights, String name) {
        Tensor tensor = weights.get(name);
        if (tensor == null) {
            throw new InvalidWeightsException("The model has no tensor " + name + ".");
        }
        return tensor;
    }

    /** @throws InvalidWeightsException if the model has no such tensor of this shape */
    public static float[] named(Map<String, Tensor> weights, String name, long... shape) {
        Tensor tensor = named(weights, name);
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new InvalidWeightsException("The tensor %s has the shape %s, not %s."
                    .formatted(name, Arrays.toString(tensor.shape()), Arrays.toString(shape)));
        }
        return tensor.values();
    }
}
