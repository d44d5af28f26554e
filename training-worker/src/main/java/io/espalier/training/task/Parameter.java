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
        TABLE(false, true),
        BODY_WEIGHTS(false, true),
        /** Biases and norms: they do not decay. */
        BODY_VECTORS(false, false),
        HEAD_WEIGHTS(true, true),
        HEAD_VECTORS(true, false);

        private final boolean head;
        private final boolean decays;

        Group(boolean head, boolean decays) {
            this.head = head;
            this.decays = decays;
        }

        /** Whether the head's learning rate holds. */
        public boolean head() {
            return head;
        }

        public boolean decays() {
            return decays;
        }
    }
}
