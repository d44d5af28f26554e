package io.espalier.modelkit.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SoftmaxTest {
    @Test
    void givesTheProbabilitiesOfLogits() {
        float[] values = {0, (float) Math.log(3)};

        Softmax.apply(values);

        assertThat(values[0]).isEqualTo(.25f, within(1e-7f));
        assertThat(values[1]).isEqualTo(.75f, within(1e-7f));
    }

    @Test
    void doesNotOverflowOnLargeLogits() {
        float[] values = {10_000, 10_000, -10_000};

        Softmax.apply(values);

        assertThat(values).containsExactly(.5f, .5f, 0f);
    }

    @Test
    void refusesToAnswerWithWhatIsNotANumber() {
        assertThatThrownBy(() -> Softmax.apply(new float[] {1, Float.NaN})).isInstanceOf(IllegalStateException.class);
    }
}
