package io.espalier.gateway.route;

import io.espalier.contracts.route.RouteTable;
import io.espalier.contracts.route.SavedRouteTable;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The routes in force. A request takes {@link #current} once and stays with it, so that it never mixes two tables.
 * Thread-safe.
 */
public final class Routes {
    private static final Logger LOG = LoggerFactory.getLogger(Routes.class);

    private final SavedRouteTable saved;
    private final List<Consumer<RouteTable>> listeners;
    private volatile @Nullable RouteIndex current;
    private boolean heard;

    /** @param listeners told of every table after it came into force, one at a time */
    public Routes(SavedRouteTable saved, List<Consumer<RouteTable>> listeners) {
        this.saved = saved;
        this.listeners = List.copyOf(listeners);
    }

    /** Puts the table of the last run into force, if there is one. */
    public synchronized void restore() {
        saved.read().ifPresent(table -> {
            LOG.info("Starting from the saved route table, version {}", table.version());
            putIntoForce(table);
        });
    }

    /**
     * Takes a table from the control plane. One that is older than the newest heard is late, and left aside; the first one
     * heard always counts, also where the saved one claims to be newer: the control plane may have been restored.
     */
    public synchronized void accept(RouteTable table) {
        RouteIndex known = current;
        if (heard && known != null && table.version() <= known.table().version()) {
            return;
        }
        heard = true;
        putIntoForce(table);
        saved.write(table);
        LOG.debug("Route table {} is in force", table.version());
    }

    private void putIntoForce(RouteTable table) {
        current = new RouteIndex(table);
        listeners.forEach(listener -> listener.accept(table));
    }

    /** Empty until a table was heard or restored. */
    public Optional<RouteIndex> current() {
        return Optional.ofNullable(current);
    }
}
