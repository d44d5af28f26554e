package io.espalier.training.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.training.task.Examples;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DataOrderTest {
    private static final int SIZE = 1003;
    private static final int BATCH = 8;

    private final DataOrder order = new DataOrder(new Lengths(SIZE), BATCH, 5);

    /** Examples of lengths from 1 to 40 and nothing else. */
    private record Lengths(int size) implements Examples {
        @Override
        public int length(int example) {
            return 1 + example * 7 % 40;
        }

        @Override
        public int label(int example) {
            return 0;
        }

        @Override
        public List<HostTensor> batch(int[] examples) {
            return List.of();
        }
    }

    @Test
    void bringsEveryExampleOnceAnEpoch() {
        for (int epoch = 1; epoch <= 3; epoch++) {
            int[][] batches = order.batches(epoch);

            assertThat(batches).hasNumberOfRows(order.batchesPerEpoch());
            assertThat(Arrays.stream(batches).flatMapToInt(Arrays::stream).sorted())
                    .containsExactlyElementsOf(IntStream.range(0, SIZE).boxed().toList());
        }
    }

    @Test
    void dependsOnTheSeedAndTheEpochAlone() {
        order.batches(1);

        assertThat(order.batches(2)).isDeepEqualTo(new DataOrder(new Lengths(SIZE), BATCH, 5).batches(2));
        assertThat(Arrays.deepEquals(order.batches(1), order.batches(2))).isFalse();
        assertThat(Arrays.deepEquals(new DataOrder(new Lengths(SIZE), BATCH, 6).batches(1), order.batches(1)))
                .isFalse();
    }

    @Test
    void putsExamplesOfLikeLengthIntoABatch() {
        Lengths lengths = new Lengths(SIZE);
        double spread = Arrays.stream(order.batches(1))
                .mapToInt(batch -> Arrays.stream(batch)
                                .map(lengths::length)
                                .max()
                                .orElseThrow()
                        - Arrays.stream(batch).map(lengths::length).min().orElseThrow())
                .average()
                .orElseThrow();

        assertThat(spread).isLessThan(5);
    }
}
