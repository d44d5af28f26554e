package io.espalier.standalone.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process and its descendants hold in memory, heap and native alike. Pages shared between processes count once over
 * all of them (Linux's proportional set size), or PostgreSQL's buffers would count once a connection.
 */
public final class ResidentMemory {
    private ResidentMemory() {}

    /** @return bytes; 0 where the operating system does not tell */
    public static long ofTree(ProcessHandle root) {
        return Stream.concat(Stream.of(root), root.descendants())
                .mapToLong(process -> of(process.pid()))
                .sum();
    }

    private static long of(long pid) {
        Path directory = Path.of("/proc", Long.toString(pid));
        long proportional = kilobytes(directory.resolve("smaps_rollup"), "Pss:");
        return 1024
                * (proportional >= 0 ? proportional : Math.max(0, kilobytes(directory.resolve("status"), "VmRSS:")));
    }

    private static long kilobytes(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(key.length()).replace("kB", "").strip())
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(-1);
        } catch (IOException | java.io.UncheckedIOException _) {
            // The process has ended meanwhile, or this is not Linux.
            return -1;
        }
    }
}
