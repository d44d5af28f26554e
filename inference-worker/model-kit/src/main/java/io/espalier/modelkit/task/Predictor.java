package io.espalier.modelkit.task;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.modelkit.request.Parameters;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * A loaded model version. Thread-safe: {@link #prepare} runs on the caller's thread, {@link #predict} on a batching
 * thread. The answer to an input does not depend on what else is in its batch.
 */
public interface Predictor extends AutoCloseable {
    /** Larger batches take longer without answering more a second. */
    int MAX_BATCH = 16;

    /**
     * Decodes and transforms one input.
     *
     * @param input one element of a request's {@code inputs}
     * @param parameters of the whole request
     * @param path how the request names the input: {@code inputs} or {@code inputs[3]}
     * @throws ProblemException INVALID_REQUEST for a parameter, INVALID_INPUT or INPUT_TOO_LONG for the input, with the field
     */
    Prepared prepare(JsonNode input, Parameters parameters, String path);

    /**
     * Answers a batch.
     *
     * @param batch 1 to {@link #MAX_BATCH} inputs that this predictor prepared, best of like length
     * @return one answer a prepared input, in their order
     */
    List<? extends Answer> predict(List<? extends Prepared> batch);

    /**
     * Answers a batch while nothing else runs: the same answers, sooner where more threads can be put to it.
     *
     * @param batch as for {@link #predict}
     */
    default List<? extends Answer> predictAlone(List<? extends Prepared> batch) {
        return predict(batch);
    }

    /**
     * From here on answers follow what has happened to the product. Called once at most, before the first prediction; without it a
     * model answers from its bundle alone.
     *
     * @param events made by {@link TaskKit#recentEvents} of the same task
     */
    default void follow(RecentEvents events) {}

    /** Made-up inputs of every typical length, to warm the model up with before the first request. */
    List<? extends Prepared> samples();

    /** Gives the model's memory back; nothing may be predicting any more. */
    @Override
    void close();

    /** An input, ready to be put into a batch. */
    interface Prepared {
        /** Inputs of like length are batched together: tokens of a text, 1 for a row of a table. From 0, in steps of the task's own. */
        int length();
    }
}
