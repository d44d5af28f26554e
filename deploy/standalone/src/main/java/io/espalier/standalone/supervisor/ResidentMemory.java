package io.espalier.standalone.supervisor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a process and its descendants hold in memory, heap and native alike. Pages shared between processes count once over
 * all of them (Linux's proportional set size), or PostgreSQL's buffers would count once a connection.
 */
final class ResidentMemory {
    private ResidentMemory() {}

    /**
     * The size where it is above the limit. To ask for shared pages stops the process for as long as the kernel walks its page
     * table, so that is only asked where the plain sizes, which count them fully, are above the limit, too.
     *
     * @return bytes; empty where it is not above the limit, or where the operating system does not tell
     */
    static OptionalLong above(long limit, ProcessHandle root) {
        List<Path> tree = Stream.concat(Stream.of(root), root.descendants())
                .map(process -> Path.of("/proc", Long.toString(process.pid())))
                .toList();
        if (sum(tree, "status", "VmRSS:") <= limit) {
            return OptionalLong.empty();
        }
        long proportional = sum(tree, "smaps_rollup", "Pss:");
        return proportional > limit ? OptionalLong.of(proportional) : OptionalLong.empty();
    }

    private static long sum(List<Path> tree, String file, String key) {
        return 1024
                * tree.stream()
                        .mapToLong(process -> kilobytes(process.resolve(file), key))
                        .sum();
    }

    private static long kilobytes(Path file, String key) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(key.length()).replace("kB", "").strip())
                    .mapToLong(Long::parseLong)
                    .findFirst()
                    .orElse(0);
        } catch (IOException | java.io.UncheckedIOException _) {
            // The process has ended meanwhile, or this is not Linux.
            return 0;
        }
    }
}
