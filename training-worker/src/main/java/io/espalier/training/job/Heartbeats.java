package io.espalier.training.job;

import io.temporal.client.ActivityCompletionException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells the server every few seconds that an activity is alive, whatever its thread waits for, and hands a cancellation to
 * that thread.
 */
final class Heartbeats implements AutoCloseable {
    /** Several fit into the heartbeat timeout of the workflow, half a minute. */
    private static final Duration INTERVAL = Duration.ofSeconds(4);

    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("heartbeats").daemon(true).factory());
    private volatile @Nullable ActivityCompletionException end;
    private volatile Runnable onEnd = () -> {};

    /** @param heartbeat throws when the activity should end */
    Heartbeats(Runnable heartbeat) {
        var unused = clock.scheduleAtFixedRate(
                () -> {
                    try {
                        heartbeat.run();
                    } catch (ActivityCompletionException e) {
                        end = e;
                        onEnd.run();
                        clock.shutdown();
                    }
                },
                0,
                INTERVAL.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** Has that done, on another thread, when the activity should end: for a thread that waits and cannot {@link #check}. */
    void onEnd(Runnable action) {
        onEnd = action;
        if (end != null) {
            action.run();
        }
    }

    /** To be called often by the working thread; cheap. */
    void check() {
        if (end != null) {
            throw end;
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
