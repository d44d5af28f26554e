package io.espalier.training.job;

import io.espalier.contracts.process.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders for single activities, below one that belongs to this process alone. Thread-safe. */
final class WorkFolders {
    private final Path parent;

    /** @param parent made if it does not exist, and emptied of what a process before this one was killed over */
    WorkFolders(Path parent) {
        this.parent = parent;
        FileTrees.discard(parent);
    }

    /** A new folder, for the caller to discard. */
    Path create(String prefix) throws IOException {
        return Files.createTempDirectory(Files.createDirectories(parent), prefix + "-");
    }
}
