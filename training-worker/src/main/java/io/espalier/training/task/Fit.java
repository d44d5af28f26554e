package io.espalier.training.task;

import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A fit that could start. For one thread; to be closed, for its tensors lie in native memory. */
public interface Fit extends AutoCloseable {
    /** All of them. */
    Hyperparameters hyperparameters();

    /** How many stages there are at most. */
    int stages();

    /** What a fit learns from in every stage. */
    long rows();

    /** Computes the model: the same for the same files, choices, seed and threads, whatever it was resumed from. */
    Fitted run(Stages stages) throws IOException;

    /** Writes the files of the transform beside the weights. */
    void writeTransform(Path trainedModel) throws IOException;

    @Override
    void close();

    /**
     * What came out.
     *
     * @param hyperparameters all that are in force in the model, those that the fit chose included
     * @param bestStage that found the model's settings, from 1
     * @param validationMetrics of that stage; the model itself may have learned from the validation split since
     */
    record Fitted(
            Map<String, Tensor> weights,
            Map<String, Object> architecture,
            Hyperparameters hyperparameters,
            int bestStage,
            Map<String, Double> validationMetrics) {}

    /** Hears of a fit as it goes, on its thread, and keeps what it need not compute again. */
    interface Stages {
        /** What the last stage of an earlier attempt gave to {@link #ended}; null at first. */
        @Nullable
        String resumedFrom();

        /** @param message in the user's words */
        void began(int stage, String message);

        /** @param share of the stage that is done */
        void progressed(double share);

        /**
         * A stage is over.
         *
         * @param kept all that a resumed fit needs of this stage and those before
         */
        void ended(Map<String, Double> metrics, String kept) throws IOException;
    }
}
