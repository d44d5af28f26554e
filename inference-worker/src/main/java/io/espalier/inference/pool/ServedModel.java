package io.espalier.inference.pool;

import io.espalier.inference.batch.ModelQueue;
import io.espalier.modelkit.task.Predictor;
import java.util.concurrent.CompletableFuture;

/**
 * A model in memory, warm. Its native memory is used by threads that know nothing of each other, so it is leased: it goes
 * when it is retired and the last lease has been given back, whichever comes last. Thread-safe.
 */
public final class ServedModel {
    private final Predictor predictor;
    private final ModelQueue queue;
    private final long bytes;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private int leases;
    private boolean retired;
    private volatile long lastUsed = System.nanoTime();

    ServedModel(Predictor predictor, ModelQueue queue, long bytes) {
        this.predictor = predictor;
        this.queue = queue;
        this.bytes = bytes;
    }

    /** For holders of a lease. */
    public Predictor predictor() {
        return predictor;
    }

    /** For holders of a lease. */
    public ModelQueue queue() {
        return queue;
    }

    /** The memory that it is thought to take. */
    long bytes() {
        return bytes;
    }

    /** As {@link System#nanoTime} counts. */
    long lastUsed() {
        return lastUsed;
    }

    /** @return whether the caller now holds a lease, to be given back by {@link #release}; false if the model is going */
    synchronized boolean lease() {
        if (retired) {
            return false;
        }
        leases++;
        lastUsed = System.nanoTime();
        return true;
    }

    /** Gives a lease back, exactly once. */
    public void release() {
        boolean last;
        synchronized (this) {
            leases--;
            last = retired && leases == 0;
        }
        if (last) {
            close();
        }
    }

    /** @return completes when the memory is free */
    CompletableFuture<Void> retire() {
        boolean idle;
        synchronized (this) {
            if (retired) {
                return gone;
            }
            retired = true;
            idle = leases == 0;
        }
        if (idle) {
            close();
        }
        return gone;
    }

    private void close() {
        try {
            predictor.close();
        } finally {
            gone.complete(null);
        }
    }
}
