package io.espalier.contracts.dataset;

import java.util.Locale;
import java.util.Optional;

/** What a row is for: to learn from, to choose by, or to measure on once. */
public enum Split {
    TRAIN,
    VALIDATION,
    TEST;

    /** Reads any usual spelling: train, training; dev, val, valid, validation, eval; test, testing, holdout, held-out. */
    public static Optional<Split> parse(String word) {
        return switch (word.strip().toLowerCase(Locale.ROOT).replace('_', '-')) {
            case "train", "training", "tr", "fit" -> Optional.of(TRAIN);
            case "validation", "valid", "val", "dev", "development", "eval", "validate" -> Optional.of(VALIDATION);
            case "test", "testing", "tst", "te", "holdout", "held-out", "hold-out" -> Optional.of(TEST);
            default -> Optional.empty();
        };
    }
}
