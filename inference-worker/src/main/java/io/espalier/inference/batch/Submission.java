package io.espalier.inference.batch;

import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.Predictor.Prepared;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The inputs of one request on their way; completes with one answer an input, in their order. Completing it from
 * outside takes what still waits out of the queue.
 */
public final class Submission extends CompletableFuture<List<Answer>> {
    final List<Prepared> inputs;
    private final Answer[] answers;
    private final AtomicInteger missing;
    /** Completes when no thread holds an input of this submission any more, whatever became of the submission. */
    private final CompletableFuture<Void> released = new CompletableFuture<>();

    private int running;

    Submission(List<Prepared> inputs) {
        this.inputs = List.copyOf(inputs);
        this.answers = new Answer[inputs.size()];
        this.missing = new AtomicInteger(inputs.size());
        var _ = whenComplete((_, _) -> releaseIfIdle());
    }

    /**
     * Completes when this submission is done and no thread predicts any of its inputs: only then may its model go. Never
     * completes exceptionally.
     */
    public CompletableFuture<Void> released() {
        return released;
    }

    /**
     * To be called before an input is predicted. In one step with the look whether anybody still waits: from here to {@link
     * #end} the model stays.
     *
     * @return false if nobody waits any more; the model may be gone then, and nothing is to be predicted or ended
     */
    synchronized boolean start() {
        if (isDone()) {
            return false;
        }
        running++;
        return true;
    }

    void finish(int index, Answer answer) {
        answers[index] = answer;
        if (missing.decrementAndGet() == 0) {
            complete(List.of(answers));
        }
    }

    /** After a {@link #start} that was true, and whatever happened then. */
    void end() {
        synchronized (this) {
            running--;
        }
        releaseIfIdle();
    }

    private void releaseIfIdle() {
        boolean idle;
        synchronized (this) {
            idle = running == 0 && isDone();
        }
        if (idle) {
            released.complete(null);
        }
    }
}
