package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.bundle.InvalidBundleException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/** Files of a bundle as memory: the operating system keeps of them what is used. */
final class MappedFiles {
    private MappedFiles() {}

    static MemorySegment open(Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException e) {
            throw new InvalidBundleException("The bundle's " + file.getFileName() + " cannot be read.", e);
        }
    }
}
