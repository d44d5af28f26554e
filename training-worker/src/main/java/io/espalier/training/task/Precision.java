package io.espalier.training.task;

import java.util.Locale;

/** The arithmetic of a training. Weights, optimizer and reductions are 32-bit in either. */
public enum Precision {
    FP32,
    /** Matrix products on bfloat16 copies of the weights and activations. */
    BF16;

    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    public static Precision of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }
}
