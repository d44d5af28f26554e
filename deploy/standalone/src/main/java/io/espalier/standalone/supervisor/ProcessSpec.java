package io.espalier.standalone.supervisor;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A process as the supervisor needs to know it.
 *
 * @param environment added to the launcher's own
 * @param temporary a folder for its temporary files, emptied before every start: one that is killed leaves them behind
 * @param health its origin: {@code /health/live} and {@code /health/ready} are asked there
 * @param after names of processes that must have been ready before this one starts the first time
 * @param behind names of processes that get the processors first: this one starts the first time when they are ready, or
 *     have had some seconds to be
 * @param residentBudgetBytes above this, over the process and all its descendants, it is restarted
 * @param stopLimit how long it may take to end by itself before it is killed
 */
public record ProcessSpec(
        String name,
        List<String> command,
        Map<String, String> environment,
        Path temporary,
        URI health,
        Set<String> after,
        Set<String> behind,
        long residentBudgetBytes,
        Duration stopLimit) {}
