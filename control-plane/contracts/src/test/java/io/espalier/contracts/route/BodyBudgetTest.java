package io.espalier.contracts.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import org.junit.jupiter.api.Test;

class BodyBudgetTest {
    private final BodyBudget budget = new BodyBudget(100, 40);

    @Test
    void refusesABodyThatHasNoRoomUntilAnotherIsGivenBack() {
        long first = budget.take(40);
        budget.take(40);

        assertThatThrownBy(() -> budget.take(21))
                .isInstanceOfSatisfying(
                        ProblemException.class, e -> assertThat(e.type()).isEqualTo(ProblemType.OVERLOADED));
        assertThat(budget.take(20)).isEqualTo(20);
        budget.giveBack(first);
        assertThat(budget.take(40)).isEqualTo(40);
    }

    @Test
    void countsABodyOfUnknownLengthAsTheLargest() {
        assertThat(budget.take(-1)).isEqualTo(40);
    }

    @Test
    void countsABodyThatWillBeRefusedAsTooLargeAsTheLargest() {
        assertThat(budget.take(1000)).isEqualTo(40);
    }
}
