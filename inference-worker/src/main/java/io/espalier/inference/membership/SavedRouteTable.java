package io.espalier.inference.membership;

import io.espalier.contracts.route.RouteTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The last route table on disk, so that a worker serves after a restart while the control plane is away. */
public final class SavedRouteTable {
    private static final Logger LOG = LoggerFactory.getLogger(SavedRouteTable.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Path file;

    public SavedRouteTable(Path file) {
        this.file = file;
    }

    /** Empty at the first start, and where the file cannot be read: the control plane has it too. */
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

    /** A worker needs no keys, so none are written. */
    public void write(RouteTable table) {
        RouteTable ours = new RouteTable(table.version(), java.util.List.of(), table.products(), java.util.List.of());
        Path partial = file.resolveSibling(file.getFileName() + ".part");
        try {
            Files.write(partial, JSON.writeValueAsBytes(ours));
            Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
