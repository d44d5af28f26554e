package io.espalier.training.trial;

import ai.djl.Device;
import io.espalier.training.program.Network;
import io.espalier.training.task.Examples;
import io.espalier.training.task.Precision;
import io.espalier.training.task.Trainable;
import java.io.IOException;
import java.util.ArrayList;
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
 * no list of processors says so. The steps have rate 0 and a network of their own.
 */
final class PrecisionChoice {
    private static final Logger LOG = LoggerFactory.getLogger(PrecisionChoice.class);
    private static final int TIMED_STEPS = 3;
    /** Less is not worth the coarser numbers. */
    private static final double WORTHWHILE = 0.95;
    /** One step tells, if the others take this many times as long as the shortest. */
    private static final double OBVIOUS = 1.5;

    private PrecisionChoice() {}

    static Precision byTiming(Trainable trainable, Device device) throws IOException {
        List<Precision> known = trainable.precisions();
        if (known.size() == 1) {
            return known.getFirst();
        }
        List<Network> networks = new ArrayList<>();
        try {
            for (Precision precision : known) {
                networks.add(Network.load(trainable.program(precision), trainable.parameters(), device));
            }
            // By turns, so that a machine busy for a moment is so for all; the shortest is the least disturbed.
            double[] seconds = new double[known.size()];
            Arrays.fill(seconds, Double.POSITIVE_INFINITY);
            int[] batch = typicalBatch(trainable);
            for (int step = 0; step <= TIMED_STEPS; step++) {
                for (int i = 0; i < seconds.length; i++) {
                    double taken = seconds(networks.get(i), trainable.train(), batch);
                    seconds[i] = step == 0 ? seconds[i] : Math.min(seconds[i], taken);
                }
                if (step > 0 && isObvious(seconds)) {
                    break;
                }
            }
            Map<Precision, Double> bySeconds = new EnumMap<>(Precision.class);
            known.forEach(precision -> bySeconds.put(precision, seconds[known.indexOf(precision)]));
            LOG.info("Seconds a step: {}", bySeconds);
            int fastest = IntStream.range(1, seconds.length)
                    .boxed()
                    .min(Comparator.comparingDouble(i -> seconds[i]))
                    .orElse(0);
            return known.get(seconds[fastest] < WORTHWHILE * seconds[0] ? fastest : 0);
        } finally {
            networks.forEach(Network::close);
        }
    }

    private static boolean isObvious(double[] seconds) {
        double[] sorted = Arrays.stream(seconds).sorted().toArray();
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
