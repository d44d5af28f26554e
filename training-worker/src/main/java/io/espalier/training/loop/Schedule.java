package io.espalier.training.loop;

/**
 * The learning rate's share of its peak: rises linearly over the warm-up, then falls linearly to zero after the last step.
 * Depends on the step alone.
 */
record Schedule(long steps, double warmupRatio) {
    /** @param step from 1 to {@link #steps} */
    double factor(long step) {
        long warmup = (long) (steps * warmupRatio);
        if (step <= warmup) {
            return (double) step / warmup;
        }
        return (double) (steps - step + 1) / (steps - warmup);
    }
}
