package io.espalier.training.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.job.ExportedModel.Bundle;
import io.espalier.training.job.Gate.Measured;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Bundle FP32 = new Bundle("fp32", "fp32.zip", "aa", 90_300_000);
    private static final Bundle INT8 = new Bundle("int8", "int8.zip", "bb", 23_500_000);

    @Test
    void choosesInt8WhereItLosesLittle() {
        var verdict = decide(0.9012, 0.8989);

        assertThat(verdict.chosen().bundle()).isEqualTo(INT8);
        assertThat(verdict.primary()).isEqualTo(Map.of("fp32", 0.9012, "int8", 0.8989));
        assertThat(verdict.reason())
                .isEqualTo(
                        "int8 serves: its accuracy on the validation split is 0.8989 against 0.9012 of fp32, a loss of 0.23 "
                                + "points where 0.50 are allowed, and it takes 23.5 MB instead of 90.3 MB.");
    }

    @Test
    void choosesInt8WhereItGains() {
        var verdict = decide(0.9, 0.91);

        assertThat(verdict.chosen().bundle()).isEqualTo(INT8);
        assertThat(verdict.reason()).contains("no loss");
    }

    @Test
    void countsExactlyHalfAPointAsAllowed() {
        // 0.9 - 0.895 is a little more than 0.005 in binary.
        assertThat(decide(0.9, 0.895).chosen().bundle()).isEqualTo(INT8);
        assertThat(decide(0.9, 0.8949).chosen().bundle()).isEqualTo(FP32);
    }

    @Test
    void choosesFp32WhereInt8LosesMore() {
        var verdict = decide(0.9012, 0.89);

        assertThat(verdict.chosen().bundle()).isEqualTo(FP32);
        assertThat(verdict.reason())
                .isEqualTo(
                        "fp32 serves: its accuracy on the validation split is 0.9012; int8 has 0.8900, a loss of 1.12 points "
                                + "where 0.50 are allowed.");
    }

    @Test
    void choosesTheOnlyPrecisionOfATask() {
        var verdict = Gate.decide("rocAuc", List.of(new Measured(FP32, Map.of("rocAuc", 0.9, "accuracy", 0.8))));

        assertThat(verdict.chosen().bundle()).isEqualTo(FP32);
        assertThat(verdict.reason())
                .isEqualTo(
                        "fp32 serves: its rocAuc on the validation split is 0.9000, and the task has no other precision.");
    }

    @Test
    void decidesByAccuracyWhereThePrimaryMetricIsNotDefined() {
        var verdict = Gate.decide("rocAuc", List.of(new Measured(FP32, Map.of("accuracy", 1.0))));

        assertThat(verdict.primary()).isEqualTo(Map.of("fp32", 1.0));
        assertThat(verdict.reason()).contains("accuracy");
    }

    private static Gate.Verdict decide(double fp32, double int8) {
        return Gate.decide(
                "accuracy",
                List.of(new Measured(FP32, Map.of("accuracy", fp32)), new Measured(INT8, Map.of("accuracy", int8))));
    }
}
