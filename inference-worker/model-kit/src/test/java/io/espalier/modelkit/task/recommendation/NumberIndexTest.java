package io.espalier.modelkit.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NumberIndexTest {
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 31, 32, 33, 100, 1000})
    void findsWhatALookAtEveryItemDoes(int items) {
        Random random = new Random(items);
        double[] numbers = random.ints(items, 0, 40)
                .mapToDouble(number -> number < 4 ? Double.NaN : number - 20)
                .toArray();
        NumberIndex index = new NumberIndex(numbers);

        for (int i = 0; i < 200; i++) {
            double least = i == 0 ? Double.NEGATIVE_INFINITY : random.nextInt(-25, 25) / 1.5;
            double most = i < 2 ? Double.POSITIVE_INFINITY : random.nextInt(-25, 25) / 1.5;
            assertThat(index.between(least, most).stream().toArray())
                    .containsExactly(IntStream.range(0, items)
                            .filter(item -> numbers[item] >= least && numbers[item] <= most)
                            .toArray());
        }
    }
}
