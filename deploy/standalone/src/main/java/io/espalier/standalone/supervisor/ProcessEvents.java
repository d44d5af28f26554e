package io.espalier.standalone.supervisor;

import java.nio.file.Path;
import java.time.Duration;

/** Hears what happens to processes, on their threads. */
public interface ProcessEvents {
    void ready(String process, Duration after);

    /** It has been starting for long; the supervisor goes on waiting. */
    void slow(String process, Path log);

    /** It ended without being asked to, and is started again after the delay. */
    void died(String process, String reason, Duration restartIn, Path log, String lastWords);

    /** It did not end by itself in time. */
    void killed(String process, Duration limit);
}
