package io.espalier.standalone.supervisor;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code run/NAME.pid}: the process id, and when that process started. Ids are used again, after a reboot above all, so the
 * id alone would let us end a stranger.
 */
public final class PidFile {
    /** The kernel counts a start in ticks and the JVM in milliseconds. */
    private static final Duration START_TOLERANCE = Duration.ofSeconds(2);

    private final Path file;

    public PidFile(Path run, String name) {
        this.file = run.resolve(name + ".pid");
    }

    public void write(ProcessHandle process) {
        String started = process.info()
                .startInstant()
                .map(Instant::toEpochMilli)
                .orElse(0L)
                .toString();
        try {
            Path partial = file.resolveSibling(file.getFileName() + ".part");
            Files.writeString(partial, process.pid() + " " + started + "\n");
            Files.move(
                    partial,
                    file,
                    java.nio.file.StandardCopyOption.ATOMIC_MOVE,
                    java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that cannot be deleted does no harm: {@link #running} sees that its process has ended. */
    public void delete() {
        try {
            Files.deleteIfExists(file);
        } catch (IOException _) {
            // See above.
        }
    }

    /** @return the very process that was written here, if it still runs */
    public Optional<ProcessHandle> running() {
        String[] words;
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            words = Files.readString(file).strip().split(" ");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (words.length != 2) {
            return Optional.empty();
        }
        Instant started = Instant.ofEpochMilli(Long.parseLong(words[1]));
        return ProcessHandle.of(Long.parseLong(words[0]))
                .filter(process -> process.info()
                        .startInstant()
                        .map(actual -> Duration.between(started, actual).abs().compareTo(START_TOLERANCE) < 0)
                        .orElse(false));
    }

    /**
     * Sees the process off that an earlier launcher, killed itself, has left behind: waits for it to end by itself, asks it,
     * and kills it at last.
     *
     * @return whether there was one
     */
    public boolean endLeftover(Duration patience) {
        Optional<ProcessHandle> leftover = running();
        leftover.ifPresent(process -> {
            if (!ends(process, patience)) {
                process.destroy();
                if (!ends(process, patience)) {
                    process.destroyForcibly();
                    ends(process, patience);
                }
            }
        });
        delete();
        return leftover.isPresent();
    }

    private static boolean ends(ProcessHandle process, Duration limit) {
        try {
            process.onExit().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException _) {
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
