package io.espalier.training.trial;

import static io.espalier.training.task.Precision.BF16;
import static io.espalier.training.task.Precision.FP32;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.training.task.Precision;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrecisionChoiceTest {
    private static Precision chosen(double fp32, double bf16) {
        return PrecisionChoice.chosen(new EnumMap<>(Map.of(FP32, fp32, BF16, bf16)));
    }

    @Test
    void decidesByOneStepForTheReferenceAlone() {
        assertThat(PrecisionChoice.isObvious(new EnumMap<>(Map.of(FP32, 0.33, BF16, 0.53))))
                .isTrue();
        assertThat(PrecisionChoice.isObvious(new EnumMap<>(Map.of(FP32, 0.84, BF16, 0.53))))
                .as("the first of them finds memory cold")
                .isFalse();
        assertThat(PrecisionChoice.isObvious(new EnumMap<>(Map.of(FP32, 0.3, BF16, 0.35))))
                .isFalse();
    }

    @Test
    void takesHalfPrecisionWhereItPays() {
        assertThat(chosen(0.3, 0.2)).isEqualTo(BF16);
    }

    @Test
    void staysWithFp32WhereHalfPrecisionIsSlowerOrHardlyFaster() {
        assertThat(chosen(0.2, 0.3)).isEqualTo(FP32);
        assertThat(chosen(0.2, 0.2)).isEqualTo(FP32);
        assertThat(chosen(0.2, 0.195)).isEqualTo(FP32);
    }
}
