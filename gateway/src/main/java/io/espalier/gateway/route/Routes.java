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

    /** Takes a table from the control plane. The newest heard counts, also where the one in force claims to be newer. */
    public synchronized void accept(RouteTable table) {
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
