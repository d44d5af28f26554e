package io.espalier.training.trial;

import io.espalier.training.program.Network;
import io.espalier.training.task.Examples;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import java.io.IOException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses the arithmetic of a training by timing a few steps of each: whether half precision pays depends on the processor, and
 * no list of processors says so.
 */
final class PrecisionChoice {
    private static final Logger LOG = LoggerFactory.getLogger(PrecisionChoice.class);
    private static final int TIMED_STEPS = 3;
    /** Less is not worth the coarser numbers. */
    private static final double WORTHWHILE = 0.95;
    /** One timed step tells, if the others take this many times as long as the shortest. */
    private static final double OBVIOUS = 1.25;

    private PrecisionChoice() {}

    /**
     * Takes steps of rate 0.
     *
     * @param network as it was loaded; it ends as new, with the chosen precision's program
     */
    static Precision byTiming(Trainable trainable, Network network) throws IOException {
        List<Precision> known = trainable.precisions();
        Precision chosen = known.size() == 1 ? known.getFirst() : chosen(timed(trainable, network));
        network.reset(trainable.parameters());
        network.use(trainable.program(chosen));
        return chosen;
    }

    /** The fastest, but the first where no other is worth it. */
    static Precision chosen(Map<Precision, Double> secondsAStep) {
        var reference = secondsAStep.entrySet().iterator().next();
        var fastest = secondsAStep.entrySet().stream()
                .min(Map.Entry.comparingByValue())
                .orElse(reference);
        return fastest.getValue() < WORTHWHILE * reference.getValue() ? fastest.getKey() : reference.getKey();
    }

    /** By turns, so that a machine busy for a moment is so for all; the shortest is the least disturbed. */
    private static Map<Precision, Double> timed(Trainable trainable, Network network) throws IOException {
        int[] batch = typicalBatch(trainable);
        Map<Precision, Double> seconds = new EnumMap<>(Precision.class);
        for (int step = 0; step <= TIMED_STEPS; step++) {
            for (Precision precision : trainable.precisions()) {
                network.use(trainable.program(precision));
                double taken = seconds(network, trainable.train(), batch);
                // The first step of each finds memory and kernels cold.
                seconds.merge(precision, step == 0 ? Double.POSITIVE_INFINITY : taken, Math::min);
            }
            if (step > 0 && isObvious(seconds)) {
                break;
            }
        }
        LOG.info("Seconds a step: {}", seconds);
        return seconds;
    }

    private static boolean isObvious(Map<Precision, Double> seconds) {
        double[] sorted = seconds.values().stream()
                .mapToDouble(Double::doubleValue)
                .sorted()
                .toArray();
        return sorted[1] >= OBVIOUS * sorted[0];
    }

    /** Examples of middling length, as many as a batch has. */
    private static int[] typicalBatch(Trainable trainable) {
        Examples examples = trainable.train();
        int[] byLength = IntStream.range(0, examples.size())
                .boxed()
                .sorted(Comparator.comparingInt(examples::length))
                .mapToInt(Integer::intValue)
                .toArray();
        int size = Math.min(trainable.hyperparameters().integer("batchSize"), byLength.length);
        int from = (byLength.length - size) / 2;
        return Arrays.copyOfRange(byLength, from, from + size);
    }

    private static double seconds(Network network, Examples examples, int[] batch) {
        long start = System.nanoTime();
        network.step(examples.batch(batch), 1, 1, 0, 0);
        return (System.nanoTime() - start) / 1e9;
    }
}
