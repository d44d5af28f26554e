package io.espalier.training.loop;

import org.jspecify.annotations.Nullable;

/**
 * Where a training is, between two steps. Together with the network's tensors this is all that going on needs.
 *
 * @param step how many are done
 * @param epoch the current one, from 1; one more than there are when all are done
 * @param batch how many of the epoch's batches are done
 * @param best null before the first epoch's end
 * @param epochsSinceBest how many epochs have not been better
 * @param samples how many examples the steps had, over all epochs
 * @param stepSeconds spent in steps and on checkpoints; validation is not counted
 */
public record LoopState(
        int step, int epoch, int batch, @Nullable Best best, int epochsSinceBest, long samples, double stepSeconds) {
    public static final LoopState START = new LoopState(0, 1, 0, null, 0, 0, 0);

    /**
     * The epoch with the best validation.
     *
     * @param metric the task's primary one; higher is better
     * @param logLoss decides between metrics that are as good as equal; lower is better
     * @param peak the greatest metric of any epoch, so that small losses do not add up
     */
    public record Best(int epoch, double metric, double logLoss, double peak) {
        /** @return the other if it is better, else this; either knows the greater peak */
        Best orBetter(Best other, double tolerance) {
            boolean beaten =
                    other.metric > peak + tolerance || (other.metric >= peak - tolerance && other.logLoss < logLoss);
            Best better = beaten ? other : this;
            return new Best(better.epoch, better.metric, better.logLoss, Math.max(peak, other.peak));
        }
    }

    LoopState stepped(int examples) {
        return new LoopState(step + 1, epoch, batch + 1, best, epochsSinceBest, samples + examples, stepSeconds);
    }

    LoopState spent(double seconds) {
        return new LoopState(step, epoch, batch, best, epochsSinceBest, samples, stepSeconds + seconds);
    }

    /**
     * @param tolerance metrics that differ by less are as good as equal: a ranking can be perfect on a few rows long before
     *     the scores mean anything
     */
    LoopState validated(double metric, double logLoss, double tolerance) {
        Best now = new Best(epoch, metric, logLoss, metric);
        Best chosen = best == null ? now : best.orBetter(now, tolerance);
        return new LoopState(
                step, epoch + 1, 0, chosen, chosen.epoch() == epoch ? 0 : epochsSinceBest + 1, samples, stepSeconds);
    }
}
