package io.espalier.contracts.job;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvaluationTest {
    @Test
    void hasTheConfusionOfAsManyClassesAsAStepCanHandOver() {
        assertThat(evaluation(200).confusion()).hasSize(200);
        assertThat(evaluation(201).confusion()).isEmpty();
        assertThat(evaluation(201).classes()).hasSize(201);
    }

    @Test
    void canBeShownWithoutItsConfusion() {
        Evaluation shown = evaluation(2).withoutConfusion();

        assertThat(shown.confusion()).isEmpty();
        assertThat(shown.metrics()).isEqualTo(evaluation(2).metrics());
        assertThat(shown.classes()).isEqualTo(evaluation(2).classes());
    }

    private static Evaluation evaluation(int classes) {
        return new Evaluation(
                Map.of("accuracy", .9),
                Collections.nCopies(classes, new Evaluation.ClassMetrics("a", 1, 1, 1, 1)),
                Collections.nCopies(classes, Collections.nCopies(classes, 1L)),
                classes,
                1.5,
                "predictions.jsonl");
    }
}
