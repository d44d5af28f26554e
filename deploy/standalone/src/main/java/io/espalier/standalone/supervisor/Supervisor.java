package io.espalier.standalone.supervisor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Runs a set of processes: each starts as soon as those it comes after have been ready once, is started again whenever it
 * ends, and all are stopped in the reverse of the given order.
 */
public final class Supervisor implements AutoCloseable {
    private final SequencedMap<String, SupervisedProcess> processes = new LinkedHashMap<>();
    private final HealthProbe probe = new HealthProbe();
    private boolean closed;

    /** @param specs in the order of which the reverse is that of stopping; names of others mean nothing */
    public Supervisor(List<ProcessSpec> specs, ProcessEvents events, Path run, Path logs) {
        Map<String, CountDownLatch> ready = new HashMap<>();
        specs.forEach(spec -> ready.put(spec.name(), new CountDownLatch(1)));
        for (ProcessSpec spec : specs) {
            processes.put(spec.name(), new SupervisedProcess(spec, ready, probe, events, run, logs));
        }
    }

    public void start() {
        processes
                .values()
                .forEach(process -> Thread.ofPlatform()
                        .name("supervise-" + process.name())
                        .daemon()
                        .start(process));
    }

    /** @return the names of the processes that have not been ready once when the time is over; empty if all have */
    public List<String> awaitReady(Duration limit) throws InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        List<String> missing = new ArrayList<>();
        for (SupervisedProcess process : processes.values()) {
            if (!process.firstReady().await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                missing.add(process.name());
            }
        }
        return missing;
    }

    /** Stops every process; returns when all have ended. Calling it again does nothing. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        processes.sequencedValues().reversed().forEach(SupervisedProcess::stop);
        probe.close();
    }
}
