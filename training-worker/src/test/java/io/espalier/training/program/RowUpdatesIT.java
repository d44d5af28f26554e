package io.espalier.training.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import io.espalier.training.task.Examples.HostTensor;
import io.espalier.training.task.Parameter;
import io.espalier.training.task.Parameter.Group;
import io.espalier.training.weights.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A table that is updated by row, beside the same one that libtorch's AdamW updates on the whole. */
class RowUpdatesIT {
    private static final int ROWS = 60;
    private static final int WIDTH = 8;
    private static final double RATE = 1e-2;

    private final Random random = new Random(7);

    private Network network(double decay) throws Exception {
        float[] values = new float[ROWS * WIDTH];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        Tensor table = Tensor.of(values, ROWS, WIDTH);
        return Network.load(
                new Program("row-updates.py", Map.of("decay", decay)),
                List.of(new Parameter("by row", Group.TABLE, table), new Parameter("whole", Group.BODY_WEIGHTS, table)),
                Device.cpu());
    }

    private void step(Network network, int number, int... rows) {
        float[] gradients = new float[rows.length * WIDTH];
        for (int i = 0; i < gradients.length; i++) {
            // Rows have a direction of their own, as the words of a language do.
            double direction = (rows[i / WIDTH] * 31 + i % WIDTH) % 3 - 1;
            gradients[i] = (float) (direction + random.nextGaussian());
        }
        long[] indices = IntStream.of(rows).asLongStream().toArray();
        network.step(
                List.of(
                        new HostTensor.Longs(indices, rows.length),
                        new HostTensor.Floats(gradients, rows.length, WIDTH)),
                1,
                number,
                RATE,
                RATE);
    }

    private static float[] byRow(Network network) {
        return network.weights().get("by row").values();
    }

    private static float[] whole(Network network) {
        return network.weights().get("whole").values();
    }

    private static double distance(float[] one, float[] other) {
        double sum = 0;
        for (int i = 0; i < one.length; i++) {
            sum += Math.pow(one[i] - other[i], 2);
        }
        return Math.sqrt(sum);
    }

    @Test
    void areAdamWWhereEveryStepNeedsEveryRow() throws Exception {
        try (Network network = network(0.1)) {
            for (int step = 1; step <= 30; step++) {
                step(network, step, IntStream.range(0, ROWS).toArray());
            }

            assertThat(distance(byRow(network), whole(network))).isLessThan(1e-4);
        }
    }

    @Test
    void stayNearAdamWWhereRowsMissTwoStepsOfThree() throws Exception {
        try (Network network = network(0.1)) {
            float[] start = byRow(network);
            for (int step = 1; step <= 100; step++) {
                step(
                        network,
                        step,
                        IntStream.range(0, ROWS)
                                .filter(_ -> random.nextInt(3) == 0)
                                .toArray());
            }
            network.settle(100, RATE);

            double way = distance(start, whole(network));
            assertThat(distance(byRow(network), whole(network))).isLessThan(0.02 * way);
        }
    }

    /** At the highest rate and decay that are allowed: a linear decay would be below zero by then. */
    @Test
    void shrinkARowThatMissesHundredsOfStepsWithoutTurningIt() throws Exception {
        try (Network network = network(1)) {
            for (int step = 1; step <= 217; step++) {
                step(network, step, 0);
            }
            network.settle(217, RATE);

            float[] untouched = whole(network);
            for (int i = WIDTH; i < untouched.length; i++) {
                assertThat(byRow(network)[i]).isCloseTo(untouched[i], within(1e-5f));
            }
        }
    }
}
