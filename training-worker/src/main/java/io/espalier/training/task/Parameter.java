package io.espalier.training.task;

import io.espalier.training.weights.Tensor;

/**
 * One tensor of a model.
 *
 * @param name in the weights file
 */
public record Parameter(String name, Group group, Tensor initial) {
    /** How a tensor is updated. */
    public enum Group {
        /**
         * Rows looked up by index, of which a batch needs few: gradients, norms and updates are those of the rows in the
         * batch; at most one tensor.
         */
        TABLE,
        BODY_WEIGHTS,
        /** Biases and norms: they do not decay. */
        BODY_VECTORS,
        /** The head has a learning rate of its own. */
        HEAD_WEIGHTS,
        HEAD_VECTORS,
        /** What a step writes down by itself, such as the running statistics of a batch norm: no gradients, no optimizer. */
        BUFFERS
    }
}
