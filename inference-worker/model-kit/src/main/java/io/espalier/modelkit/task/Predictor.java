package io.espalier.modelkit.task;

import io.espalier.contracts.problem.ProblemException;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A loaded model version. Thread-safe: {@link #prepare} runs on the caller's thread, {@link #predict} on a batching
 * thread. The answer to an input does not depend on what else is in its batch.
 */
public interface Predictor extends AutoCloseable {
    /**
     * Decodes and transforms one input.
     *
     * @param input one element of a request's {@code inputs}
     * @param path how the request names it: {@code inputs} or {@code inputs[3]}
     * @throws ProblemException INVALID_INPUT or INPUT_TOO_LONG, with the field
     */
    Prepared prepare(JsonNode input, String path);

    /** @return one row of scores a prepared input, in the order of the manifest's labels; they sum to 1 */
    List<float[]> predict(List<? extends Prepared> batch);

    @Override
    void close();

    /** An input, ready to be put into a batch. */
    interface Prepared {
        /** Inputs of like length are batched together: tokens of a text, 1 for a row of a table. */
        int length();
    }
}
