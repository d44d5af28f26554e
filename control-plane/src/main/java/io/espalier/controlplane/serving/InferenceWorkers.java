package io.espalier.controlplane.serving;

import io.espalier.contracts.route.RouteTable;
import io.espalier.contracts.route.WorkerReport;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The inference workers that reported lately. Kept in memory: after a restart of the control plane every worker has
 * reported again within two seconds. Thread-safe.
 */
@Component
public class InferenceWorkers {
    private static final Duration SILENCE = Duration.ofSeconds(10);
    /** More than the time between two reports of a worker. */
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private record Seen(WorkerReport report, Instant at) {}

    private final Map<String, Seen> workers = new ConcurrentHashMap<>();
    private final InstantSource clock;
    private final Instant start;

    @Autowired
    InferenceWorkers() {
        this(InstantSource.system());
    }

    InferenceWorkers(InstantSource clock) {
        this.clock = clock;
        this.start = clock.instant();
    }

    /**
     * Whether those that live have had the time to report. Until then a table without them would only say that the control
     * plane has started, and gateways would keep it for their own next start.
     */
    boolean areKnown() {
        return !workers.isEmpty() || start.plus(SETTLING).isBefore(clock.instant());
    }

    /** @return whether the report says something new */
    public boolean report(String id, WorkerReport report) {
        Seen before = workers.put(id, new Seen(report, clock.instant()));
        return before == null || !before.report().equals(report);
    }

    List<RouteTable.Worker> live() {
        Instant oldest = clock.instant().minus(SILENCE);
        workers.values().removeIf(seen -> seen.at().isBefore(oldest));
        return workers.entrySet().stream()
                .map(entry -> new RouteTable.Worker(
                        entry.getKey(),
                        entry.getValue().report().address(),
                        entry.getValue().report().readyBundles()))
                .sorted(Comparator.comparing(RouteTable.Worker::id))
                .toList();
    }

    boolean isReady(String bundleSha256) {
        return live().stream().anyMatch(worker -> worker.readyBundles().contains(bundleSha256));
    }

    /** Why a worker could not load the bundle, where one said so. */
    Optional<String> failure(String bundleSha256) {
        return workers.values().stream()
                .map(seen -> seen.report().failedBundles().get(bundleSha256))
                .filter(java.util.Objects::nonNull)
                .findFirst();
    }
}
