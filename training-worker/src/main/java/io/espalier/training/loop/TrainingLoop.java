package io.espalier.training.loop;

import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.modelkit.metric.ClassificationMetrics;
import io.espalier.modelkit.onnx.Softmax;
import io.espalier.training.program.Network;
import io.espalier.training.program.Network.StepResult;
import io.espalier.training.task.Examples;
import io.espalier.training.task.Trainable;
import io.espalier.training.tune.Hyperparameters;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Trains a network to its last epoch, or until it stops getting better. Steps depend on the seed, the state and the data
 * alone, so a loop that goes on from a state ends with the same weights, to the bit, as one that was never interrupted (with
 * the same number of threads).
 */
public final class TrainingLoop {
    private static final int VALIDATION_BATCH = 64;
    /** Weight of the newest loss in the smoothed one. */
    private static final double LOSS_SMOOTHING = 0.05;

    private final Trainable trainable;
    private final Network network;
    private final List<String> labels;
    private final String primaryMetric;
    private final long seed;
    private final LoopListener listener;
    private final DataOrder order;
    private final Schedule schedule;
    private final int epochs;
    private final int patience;
    private final double rate;
    private final double headRate;
    /** Up to when time has been added to the state, on the clock of {@link System#nanoTime}. */
    private long countedUntil;

    public TrainingLoop(
            Trainable trainable,
            Network network,
            TaskDescriptor task,
            List<String> labels,
            long seed,
            LoopListener listener) {
        Hyperparameters chosen = trainable.hyperparameters();
        this.trainable = trainable;
        this.network = network;
        this.labels = labels;
        this.primaryMetric = task.primaryMetric();
        this.seed = seed;
        this.listener = listener;
        this.order = new DataOrder(trainable.train(), chosen.integer("batchSize"), seed);
        this.epochs = chosen.integer("epochs");
        this.patience = chosen.integer("earlyStoppingPatience");
        this.schedule = new Schedule((long) epochs * order.batchesPerEpoch(), chosen.real("warmupRatio"));
        this.rate = chosen.real("learningRate");
        this.headRate = chosen.has("headLearningRate") ? chosen.real("headLearningRate") : rate;
    }

    public long steps() {
        return schedule.steps();
    }

    public int epochs() {
        return epochs;
    }

    /**
     * Trains on from a state that the network is in.
     *
     * @return the state at the end
     * @throws DivergedException if the loss, or what the network says of a validation row, is no number any more
     */
    public LoopState run(LoopState start) {
        LoopState state = start;
        countedUntil = System.nanoTime();
        while (state.epoch() <= epochs && !isStalled(state)) {
            state = epoch(state);
            network.settle(state.step(), rate * schedule.factor(state.step()));
            state = state.spent(secondsToCount());
            Map<String, Double> metrics = validate(state.step());
            countedUntil = System.nanoTime();
            double metric = metrics.getOrDefault(primaryMetric, metrics.getOrDefault("accuracy", 0.0));
            state = state.validated(metric, metrics.getOrDefault("logLoss", 0.0), tolerance());
            listener.validated(state, metrics, state.epochsSinceBest() == 0);
        }
        return state.spent(secondsToCount());
    }

    /**
     * Metrics that differ by less are as good as equal. Accuracies are so where they are the same number of rows; areas under
     * the curve where they differ by about their standard error, because they say nothing of the scores: one can be high by
     * chance, on a few rows, while a network still answers the majority.
     */
    private double tolerance() {
        int rows = trainable.validation().size();
        return primaryMetric.equals("rocAuc") ? 0.5 / Math.sqrt(rows) : 0.5 / rows;
    }

    private double secondsToCount() {
        long now = System.nanoTime();
        double seconds = (now - countedUntil) / 1e9;
        countedUntil = now;
        return seconds;
    }

    private boolean isStalled(LoopState state) {
        return patience > 0 && state.epochsSinceBest() >= patience;
    }

    private LoopState epoch(LoopState start) {
        LoopState state = start;
        int[][] batches = order.batches(start.epoch());
        double loss = Double.NaN;
        for (int i = start.batch(); i < batches.length; i++) {
            int step = state.step() + 1;
            double factor = schedule.factor(step);
            StepResult result = network.step(
                    trainable.train().augmented(batches[i], Seeds.of(seed, Seeds.AUGMENTATION, step)),
                    Seeds.of(seed, Seeds.STEP, step),
                    step,
                    rate * factor,
                    headRate * factor);
            if (!Float.isFinite(result.loss()) || !Float.isFinite(result.gradientNorm())) {
                throw new DivergedException(step);
            }
            loss = Double.isNaN(loss) ? result.loss() : loss + LOSS_SMOOTHING * (result.loss() - loss);
            state = state.stepped(batches[i].length).spent(secondsToCount());
            listener.stepped(state, loss);
        }
        return state;
    }

    private Map<String, Double> validate(int step) {
        Examples examples = trainable.validation();
        int[] byLength = IntStream.range(0, examples.size())
                .boxed()
                .sorted(Comparator.comparingInt(examples::length))
                .mapToInt(Integer::intValue)
                .toArray();
        int[] truth = new int[byLength.length];
        float[][] scores = new float[byLength.length][];
        for (int from = 0; from < byLength.length; from += VALIDATION_BATCH) {
            int[] batch = Arrays.copyOfRange(byLength, from, Math.min(byLength.length, from + VALIDATION_BATCH));
            float[][] rows = network.logits(examples.batch(batch));
            for (int i = 0; i < batch.length; i++) {
                // The last update of an epoch can be what breaks the weights, and no loss comes after it.
                if (!isFinite(rows[i])) {
                    throw new DivergedException(step);
                }
                Softmax.apply(rows[i]);
                scores[from + i] = rows[i];
                truth[from + i] = examples.label(batch[i]);
            }
        }
        return ClassificationMetrics.of(labels, truth, scores).metrics();
    }

    private static boolean isFinite(float[] logits) {
        for (float logit : logits) {
            if (!Float.isFinite(logit)) {
                return false;
            }
        }
        return true;
    }
}
