package io.espalier.contracts.route;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The newest route table on disk, readable by this user only, so that predictions go on when a process restarts while the
 * control plane is down. Written whole or not at all.
 */
public final class SavedRouteTable {
    /** In the data directory of the process. */
    public static final String FILE = "route-table.json";

    private static final Logger LOG = LoggerFactory.getLogger(SavedRouteTable.class);
    private static final JsonMapper JSON = JsonMapper.builder()
            // A table that another version wrote may lack what this one relies on.
            .enable(
                    DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES,
                    DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
            .build();
    private static final Set<StandardOpenOption> WRITE =
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path file;

    public SavedRouteTable(Path file) {
        this.file = file;
    }

    /** Empty at the first start, and where the file cannot be read or lacks a field: the control plane has it too. */
    public Optional<RouteTable> read() {
        try {
            return Files.exists(file)
                    ? Optional.of(JSON.readValue(Files.readAllBytes(file), RouteTable.class))
                    : Optional.empty();
        } catch (JacksonException | IOException e) {
            LOG.warn("The saved route table cannot be read and is left aside", e);
            return Optional.empty();
        }
    }

    /** A disk that is full costs the copy, not the routes in force. */
    public void write(RouteTable table) {
        Path partial = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.deleteIfExists(partial);
            try (FileChannel out = FileChannel.open(
                    partial,
                    WRITE,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
                ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(table));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(false);
            }
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn("The route table cannot be saved", e);
        }
    }
}
