package io.espalier.training.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Folders for single activities, below one that belongs to this process alone. Thread-safe. */
final class WorkFolders {
    private static final Logger LOG = LoggerFactory.getLogger(WorkFolders.class);

    private final Path parent;

    /** @param parent made if it does not exist, and emptied of what a process before this one was killed over */
    WorkFolders(Path parent) {
        this.parent = parent;
        delete(parent);
    }

    /** A new folder, for the caller to {@link #delete}. */
    Path create(String prefix) throws IOException {
        return Files.createTempDirectory(Files.createDirectories(parent), prefix + "-");
    }

    /** Deletes a file or a folder and all in it. What cannot be deleted costs room until the next start, not the result. */
    static void delete(Path path) {
        if (Files.notExists(path)) {
            return;
        }
        try (var files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            LOG.warn("{} could not be deleted", path, e);
        }
    }
}
