package io.espalier.contracts.route;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The bytes of bodies of predictions and events that a process may hold at once, so that many large ones together do not take its memory.
 * Thread-safe.
 */
public final class BodyBudget {
    private final long largestBody;
    private final AtomicLong free;

    BodyBudget(long bytes, long largestBody) {
        this.largestBody = largestBody;
        this.free = new AtomicLong(bytes);
    }

    /**
     * A quarter of the heap, since a body is held about twice while it is read, and its answer beside it.
     *
     * @param largestBody that any route takes; one has room whatever the heap
     */
    public static BodyBudget ofHeap(long largestBody) {
        return new BodyBudget(Math.max(Runtime.getRuntime().maxMemory() / 4, largestBody), largestBody);
    }

    /**
     * Takes room for a body, before it is read.
     *
     * @param contentLength as the request says; negative where it does not, and then room for the largest body is taken
     * @return what is to be given back, once, when the request has been answered
     * @throws ProblemException OVERLOADED if there is no room
     */
    public long take(long contentLength) {
        long bytes = contentLength < 0 ? largestBody : Math.min(contentLength, largestBody);
        if (free.getAndUpdate(before -> before < bytes ? before : before - bytes) < bytes) {
            throw new ProblemException(
                    ProblemType.OVERLOADED, "Too many large requests are being answered; try again in a moment.");
        }
        return bytes;
    }

    public void giveBack(long bytes) {
        free.addAndGet(bytes);
    }
}
