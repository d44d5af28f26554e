package io.espalier.standalone.supervisor;

import io.espalier.contracts.process.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One process and everything that happens to it. {@link #run} is its thread; the other methods may be called by any.
 *
 * <p>The process gets a pipe as standard input that nobody writes to: when the launcher dies, however it dies, the pipe
 * closes and the process ends itself.
 */
final class SupervisedProcess implements Runnable {
    private static final Duration LONGEST_BEHIND = Duration.ofSeconds(15);
    private static final Duration PROBE_WHILE_STARTING = Duration.ofMillis(250);
    private static final Duration PROBE_WHILE_READY = Duration.ofSeconds(4);
    private static final Duration SLOW_START = Duration.ofMinutes(2);
    /** Generous: a start that migrates a large database must not be cut off again and again. */
    private static final Duration START_LIMIT = Duration.ofMinutes(10);
    /** Generous: while all cores train, a healthy process may answer late. */
    private static final Duration SILENCE_LIMIT = Duration.ofMinutes(2);

    private final ProcessSpec spec;
    private final List<CountDownLatch> dependencies;
    private final List<CountDownLatch> ahead;
    private final HealthProbe probe;
    private final ProcessEvents events;
    private final ProcessLog log;
    private final PidFile pidFile;
    private final CountDownLatch firstReady;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean stopping;
    private volatile @Nullable Process process;
    private volatile @Nullable Thread thread;

    /** @param ready opened by each process, by name, when it is ready for the first time; also by this one */
    SupervisedProcess(
            ProcessSpec spec,
            Map<String, CountDownLatch> ready,
            HealthProbe probe,
            ProcessEvents events,
            Path run,
            Path logs) {
        this.spec = spec;
        this.firstReady = Objects.requireNonNull(ready.get(spec.name()));
        this.dependencies = latches(spec.after(), ready);
        this.ahead = latches(spec.behind(), ready);
        this.probe = probe;
        this.events = events;
        this.log = new ProcessLog(logs, spec.name());
        this.pidFile = new PidFile(run, spec.name());
    }

    private static List<CountDownLatch> latches(Set<String> names, Map<String, CountDownLatch> ready) {
        return names.stream()
                .flatMap(name -> Stream.ofNullable(ready.get(name)))
                .toList();
    }

    CountDownLatch firstReady() {
        return firstReady;
    }

    String name() {
        return spec.name();
    }

    @Override
    public void run() {
        thread = Thread.currentThread();
        Backoff backoff = new Backoff();
        try {
            for (CountDownLatch dependency : dependencies) {
                dependency.await();
            }
            long patience = System.nanoTime() + LONGEST_BEHIND.toNanos();
            for (CountDownLatch other : ahead) {
                // Ready or not, this one starts then: they may not become ready without it.
                boolean _ = other.await(patience - System.nanoTime(), TimeUnit.NANOSECONDS);
            }
            while (!stopping) {
                Instant started = Instant.now();
                String end = runOnceOrSay(started);
                if (!stopping) {
                    Duration delay = backoff.afterRunning(Duration.between(started, Instant.now()));
                    events.died(spec.name(), end, delay, log.file(), log.lastWords());
                    Thread.sleep(delay);
                }
            }
        } catch (InterruptedException _) {
            // stop() was called; it ends the process if there is one.
        } finally {
            stopped.countDown();
        }
    }

    /** Whatever goes wrong here, on a full disk for example: the process is started again, as after any other end. */
    private String runOnceOrSay(Instant started) throws InterruptedException {
        try {
            return runOnce(started);
        } catch (RuntimeException e) {
            if (process instanceof Process left) {
                end(left);
                process = null;
            }
            return "could not be supervised: " + e.getMessage();
        }
    }

    /** @return why it is not running any more */
    private String runOnce(Instant started) throws InterruptedException {
        Process running;
        synchronized (this) {
            if (stopping) {
                return "stopped";
            }
            try {
                running = start();
            } catch (IOException e) {
                return "could not be started: " + e.getMessage();
            }
        }
        log.write("---- process " + running.pid() + " started at " + started + " ----");
        Thread copier = Thread.ofVirtual().start(() -> log.copy(running.getInputStream()));
        String reason = watch(running, started);
        copier.join(Duration.ofSeconds(2));
        pidFile.delete();
        process = null;
        return reason;
    }

    private Process start() throws IOException {
        FileTrees.discard(spec.temporary());
        Files.createDirectories(spec.temporary());
        ProcessBuilder builder = new ProcessBuilder(ownSession(spec.command())).redirectErrorStream(true);
        builder.environment().putAll(spec.environment());
        builder.environment().put("ESPALIER_EXIT_ON_STDIN_CLOSE", "true");
        Process started = builder.start();
        process = started;
        pidFile.write(started.toHandle());
        return started;
    }

    /** Out of the terminal's process group: Ctrl-C is for the launcher, which stops the rest in order. */
    private static List<String> ownSession(List<String> command) {
        if (!Path.of("/usr/bin/setsid").toFile().canExecute()) {
            return command;
        }
        List<String> wrapped = new ArrayList<>(List.of("/usr/bin/setsid"));
        wrapped.addAll(command);
        return wrapped;
    }

    private String watch(Process running, Instant started) throws InterruptedException {
        boolean ready = false;
        boolean saidSlow = false;
        Instant lastSign = started;
        while (true) {
            Duration pause = ready ? PROBE_WHILE_READY : PROBE_WHILE_STARTING;
            if (running.waitFor(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                return "ended with status " + running.exitValue();
            }
            if (stopping) {
                // A server that drains waits until nobody asks any more: not us either.
                continue;
            }
            Instant now = Instant.now();
            if (!ready) {
                ready = probe.isReady(spec.health());
                if (ready) {
                    firstReady.countDown();
                    events.ready(spec.name(), Duration.between(started, Instant.now()));
                } else if (Duration.between(started, now).compareTo(START_LIMIT) > 0) {
                    end(running);
                    return "was not ready after " + START_LIMIT.toSeconds() + " s and was stopped";
                } else if (!saidSlow && Duration.between(started, now).compareTo(SLOW_START) > 0) {
                    saidSlow = true;
                    events.slow(spec.name(), log.file());
                }
                lastSign = now;
            } else if (probe.isLive(spec.health())) {
                lastSign = now;
            } else if (Duration.between(lastSign, now).compareTo(SILENCE_LIMIT) > 0) {
                kill(running);
                return "did not answer for " + SILENCE_LIMIT.toSeconds() + " s and was killed";
            }
            OptionalLong resident = ResidentMemory.above(spec.residentBudgetBytes(), running.toHandle());
            if (resident.isPresent()) {
                end(running);
                return "held %d MB of memory, more than its %d MB, and was stopped"
                        .formatted(resident.getAsLong() >> 20, spec.residentBudgetBytes() >> 20);
            }
        }
    }

    /** Ends the process for good, by itself within its limit or else by kill; returns when it has ended. */
    void stop() {
        stopping = true;
        Process running;
        synchronized (this) {
            running = process;
        }
        if (running != null) {
            end(running);
        }
        try {
            // The last lines are still being copied; whoever waits for something else is woken.
            if (!stopped.await(running == null ? 0 : 3, TimeUnit.SECONDS) && thread instanceof Thread own) {
                own.interrupt();
                stopped.await(3, TimeUnit.SECONDS);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        pidFile.delete();
        log.close();
    }

    private void end(Process running) {
        // By its handle: Process.destroy would close the pipes too, and the last lines be lost.
        running.toHandle().destroy();
        try {
            if (running.waitFor(spec.stopLimit().toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        events.killed(spec.name(), spec.stopLimit());
        kill(running);
    }

    private static void kill(Process running) {
        // Taken before the kill: orphans are nobody's descendants.
        List<ProcessHandle> descendants = running.descendants().toList();
        running.toHandle().destroyForcibly();
        descendants.forEach(ProcessHandle::destroyForcibly);
        running.onExit().join();
    }
}
