package io.espalier.standalone.supervisor;

import java.time.Duration;

/** How long to wait before a process is started again: doubling, and from the beginning after it ran for a while. */
final class Backoff {
    private static final Duration FIRST = Duration.ofMillis(200);
    private static final Duration LONGEST = Duration.ofSeconds(10);
    private static final Duration FORGIVEN_AFTER = Duration.ofMinutes(1);

    private Duration next = FIRST;

    /** @param alive how long the process ran that ended now */
    Duration afterRunning(Duration alive) {
        if (alive.compareTo(FORGIVEN_AFTER) >= 0) {
            next = FIRST;
        }
        Duration delay = next;
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(LONGEST) < 0 ? doubled : LONGEST;
        return delay;
    }
}
