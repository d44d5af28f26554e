package io.espalier.training.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InteractionsTest {
    private final Interactions four = new Interactions(9, new int[] {0, 2, 2, 5, 6}, new int[] {7, 3, 8, 1, 0, 4});

    @Test
    void takesEveryOtherUser() {
        Interactions some = four.ofEvery(2);

        assertThat(some.catalog()).isEqualTo(9);
        assertThat(some.offsets()).containsExactly(0, 2, 5);
        assertThat(some.items()).containsExactly(7, 3, 8, 1, 0);
    }

    @Test
    void takesTheLastUserWhereItIsItsTurn() {
        assertThat(four.ofEvery(3).items()).containsExactly(7, 3, 4);
        assertThat(four.ofEvery(1)).isSameAs(four);
    }

    @Test
    void countsWhatIsHadTogether() {
        CoOccurrences counts =
                new CoOccurrences(new Interactions(4, new int[] {0, 3, 5, 6}, new int[] {0, 1, 2, 1, 2, 3}));
        float[] row = new float[4];
        int[] found = new int[4];

        assertThat(counts.of(1, row, found)).isEqualTo(3);
        assertThat(row).containsExactly(1, 2, 2, 0);
        assertThat(found).startsWith(0, 1, 2);
    }
}
