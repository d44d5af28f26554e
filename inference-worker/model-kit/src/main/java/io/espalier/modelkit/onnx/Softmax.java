package io.espalier.modelkit.onnx;

/** Logits to probabilities. */
public final class Softmax {
    private Softmax() {}

    /**
     * In place; in double precision and relative to the largest logit, so that no logit overflows.
     *
     * @throws IllegalStateException if a logit is not a number: the model is broken, the answer would be too
     */
    public static void apply(float[] logits) {
        double largest = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Math.exp(logit - largest);
        }
        if (Double.isNaN(sum)) {
            throw new IllegalStateException("The model answered with something that is not a number.");
        }
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) (Math.exp(logits[i] - largest) / sum);
        }
    }
}
