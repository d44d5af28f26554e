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
    /** One timed step tells, if the others take this many times as long as the reference. */
    private static final double OBVIOUS = 1.25;
    /** A cold step of a few examples tells, if it takes this many times as long as that of the reference, which came first. */
    private static final double HOPELESS = 3;

    private static final int COLD_EXAMPLES = 2;

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

    private static Map<Precision, Double> timed(Trainable trainable, Network network) throws IOException {
        int[] batch = typicalBatch(trainable);
        // The first step of each finds memory and kernels cold; without instructions for it, bf16 takes ten times as
        // long.
        Map<Precision, Double> cold =
                round(trainable, network, Arrays.copyOf(batch, Math.min(COLD_EXAMPLES, batch.length)));
        double reference = cold.values().iterator().next();
        if (cold.values().stream().skip(1).allMatch(taken -> taken >= HOPELESS * reference)) {
            LOG.info("Seconds of the first step: {}", cold);
            return cold;
        }
        // By turns, so that a machine busy for a moment is so for all; the shortest is the least disturbed.
        Map<Precision, Double> seconds = round(trainable, network, batch);
        for (int step = 1; step < TIMED_STEPS && !isObvious(seconds); step++) {
            round(trainable, network, batch).forEach((precision, taken) -> seconds.merge(precision, taken, Math::min));
        }
        LOG.info("Seconds a step: {}", seconds);
        return seconds;
    }

    /** One step of each. */
    private static Map<Precision, Double> round(Trainable trainable, Network network, int[] batch) throws IOException {
        Map<Precision, Double> seconds = new EnumMap<>(Precision.class);
        for (Precision precision : trainable.precisions()) {
            network.use(trainable.program(precision));
            long start = System.nanoTime();
            network.step(trainable.train().batch(batch), 1, 1, 0, 0);
            seconds.put(precision, (System.nanoTime() - start) / 1e9);
        }
        return seconds;
    }

    /** Never in favour of another than the reference, which comes first and finds memory for a batch of that size cold. */
    static boolean isObvious(Map<Precision, Double> seconds) {
        double reference = seconds.values().iterator().next();
        return seconds.values().stream().skip(1).allMatch(taken -> taken >= OBVIOUS * reference);
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
}
