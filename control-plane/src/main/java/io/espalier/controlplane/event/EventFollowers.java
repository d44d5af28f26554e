package io.espalier.controlplane.event;

import io.espalier.contracts.route.EventPoll;
import io.espalier.contracts.route.EventPoll.Position;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/**
 * Which inference workers follow the events of which products, and how far each has come. Kept in memory: after a restart of the
 * control plane every worker asks again within seconds. Thread-safe.
 */
@Component
class EventFollowers {
    /** Who has not asked for so long is gone: more than a poll takes, and what it brought. */
    private static final Duration SILENCE = EventPoll.PATIENCE.multipliedBy(2);

    record ProductKey(UUID tenant, UUID product) {
        static ProductKey of(Position position) {
            return new ProductKey(position.tenant(), position.product());
        }
    }

    private record Follower(Map<ProductKey, Position> positions, long heardNanos) {
        boolean isGone() {
            return System.nanoTime() - heardNanos > SILENCE.toNanos();
        }
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Map<String, Follower> followers = new HashMap<>();
    /** Numbers all arrivals of events, and says which was the last of a product. */
    private final Map<ProductKey, Long> lastArrivals = new HashMap<>();

    private final long startNanos = System.nanoTime();
    private long arrivals;
    private boolean stopping;

    /** Nobody is kept waiting by a control plane that is to end. */
    @EventListener(ContextClosedEvent.class)
    void stop() {
        lock.lock();
        try {
            stopping = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** A worker asks, and by that acknowledges. */
    void heard(String worker, List<Position> positions) {
        Map<ProductKey, Position> byProduct = new HashMap<>();
        positions.forEach(position -> byProduct.put(ProductKey.of(position), position));
        lock.lock();
        try {
            followers.values().removeIf(Follower::isGone);
            followers.put(worker, new Follower(byProduct, System.nanoTime()));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Events of the product are committed. */
    void arrived(ProductKey product) {
        lock.lock();
        try {
            lastArrivals.put(product, ++arrivals);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many arrivals there have been: to be looked at before the rows are read, and then given to {@link #awaitArrival}. */
    long arrivals() {
        lock.lock();
        try {
            return arrivals;
        } finally {
            lock.unlock();
        }
    }

    /** @return whether events of one of the products arrived after so many arrivals; false if the time is up first */
    boolean awaitArrival(long after, List<Position> positions, long deadlineNanos) throws InterruptedException {
        Set<ProductKey> products = new HashSet<>();
        positions.forEach(position -> products.add(ProductKey.of(position)));
        lock.lock();
        try {
            while (products.stream().noneMatch(product -> lastArrivals.getOrDefault(product, 0L) > after)) {
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0 || stopping) {
                    return false;
                }
                changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** @return whether the answers of all that follow the product follow an event; false if the time is up first */
    boolean awaitFollowed(ProductKey product, String kind, long sequence, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lock();
        try {
            while (isAwaited(product, kind, sequence)) {
                if (left <= 0 || stopping) {
                    return false;
                }
                left = changed.awaitNanos(left);
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private boolean isAwaited(ProductKey product, String kind, long sequence) {
        followers.values().removeIf(Follower::isGone);
        List<Position> positions = followers.values().stream()
                .map(follower -> follower.positions().get(product))
                .filter(Objects::nonNull)
                .toList();
        // Right after the start nobody may have asked yet who follows it.
        boolean unheard = positions.isEmpty() && System.nanoTime() - startNanos < SILENCE.toNanos();
        return unheard || positions.stream().anyMatch(position -> !position.follows(kind, sequence));
    }
}
