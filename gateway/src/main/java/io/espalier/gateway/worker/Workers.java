package io.espalier.gateway.worker;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.util.Exceptions;
import io.espalier.contracts.route.RouteTable;
import io.netty.channel.EventLoopGroup;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The workers of the newest route table. Their addresses and bundles come from the table; whether one gets requests is
 * decided by its own health check, asked every second, and by what happens to requests. Thread-safe.
 */
public final class Workers {
    private static final Logger LOG = LoggerFactory.getLogger(Workers.class);
    private static final Duration CHECK = Duration.ofSeconds(1);
    private static final Duration CHECK_TIMEOUT = Duration.ofSeconds(2);
    /**
     * How long a worker that left the table still gets requests if it is healthy. A control plane that has just started
     * knows no workers until they report, which they do every two seconds: its first tables must not stop predictions.
     */
    private static final Duration GRACE = Duration.ofSeconds(10);

    private record Place(String id, URI address) {}

    /** @param goneSince when it left the table; null while it is listed */
    private record Member(
            Worker worker, Set<String> bundles, @Nullable Instant goneSince) {}

    private final ClientFactory clients;
    private final EventLoopGroup eventLoops;
    private final InstantSource clock;
    /** Guarded by this. */
    private Map<Place, Member> members = new HashMap<>();

    private volatile Map<String, List<Worker>> byBundle = Map.of();

    public Workers(ClientFactory clients, EventLoopGroup eventLoops, InstantSource clock) {
        this.clients = clients;
        this.eventLoops = eventLoops;
        this.clock = clock;
    }

    /** Begins to check the workers' health, until the event loops end. */
    public void start() {
        var _ = eventLoops
                .next()
                .scheduleWithFixedDelay(this::checkAll, CHECK.toMillis(), CHECK.toMillis(), TimeUnit.MILLISECONDS);
    }

    public synchronized void follow(RouteTable table) {
        Instant now = clock.instant();
        List<Worker> added = new ArrayList<>();
        Map<Place, Member> next = new HashMap<>();
        Set<String> listed = new HashSet<>();
        for (RouteTable.Worker listing : table.workers()) {
            Place place = new Place(listing.id(), listing.address());
            Member known = members.get(place);
            Worker worker = known == null ? new Worker(place.id(), place.address(), clients) : known.worker();
            if (known == null) {
                added.add(worker);
            }
            next.put(place, new Member(worker, Set.copyOf(listing.readyBundles()), null));
            listed.add(listing.id());
        }
        members.forEach((place, member) -> {
            // One that is listed under its id at another address has moved, and is not here any more.
            if (!next.containsKey(place) && !listed.contains(place.id())) {
                Instant gone = member.goneSince() == null ? now : member.goneSince();
                next.put(place, new Member(member.worker(), member.bundles(), gone));
            }
        });
        members = next;
        index(now);
        added.forEach(this::check);
    }

    /** Holding the lock. */
    private void index(Instant now) {
        members.values()
                .removeIf(member -> member.goneSince() != null
                        && member.goneSince().plus(GRACE).isBefore(now));
        Map<String, List<Worker>> next = new HashMap<>();
        members.values()
                .forEach(member -> member.bundles()
                        .forEach(bundle -> next.computeIfAbsent(bundle, _ -> new ArrayList<>())
                                .add(member.worker())));
        byBundle = Map.copyOf(next);
    }

    /** Whether some worker can be asked for a prediction of the bundle now. */
    public boolean isReady(String bundleSha256) {
        return leastBusy(bundleSha256, Set.of()).isPresent();
    }

    /**
     * The worker with the bundle ready and the fewest requests in flight; a tie is decided by chance. Where none is known to be
     * healthy, one that has not been asked yet; where there is none either, one that rests, for what it fails at may be the
     * request; never one that is known to be down.
     */
    public Optional<Worker> leastBusy(String bundleSha256, Collection<Worker> except) {
        List<Worker> ready = byBundle.getOrDefault(bundleSha256, List.of());
        Predicate<Worker> others = worker -> !except.contains(worker);
        Predicate<Worker> up = others.and(worker -> worker.health() == Worker.Health.UP);
        return leastBusy(ready, up.and(worker -> !worker.rests()))
                .or(() -> leastBusy(ready, others.and(worker -> worker.health() == Worker.Health.UNKNOWN)))
                .or(() -> leastBusy(ready, up));
    }

    private static Optional<Worker> leastBusy(List<Worker> workers, Predicate<Worker> eligible) {
        Worker best = null;
        int fewest = Integer.MAX_VALUE;
        int ties = 0;
        for (Worker worker : workers) {
            int inFlight = worker.inFlight();
            if (inFlight > fewest || !eligible.test(worker)) {
                continue;
            }
            ties = inFlight < fewest ? 1 : ties + 1;
            if (ties == 1 || ThreadLocalRandom.current().nextInt(ties) == 0) {
                best = worker;
                fewest = inFlight;
            }
        }
        return Optional.ofNullable(best);
    }

    /** How many workers are up; for metrics. */
    public synchronized long up() {
        return members.values().stream()
                .filter(member -> member.worker().health() == Worker.Health.UP)
                .count();
    }

    private void checkAll() {
        List<Worker> all;
        synchronized (this) {
            index(clock.instant());
            all = members.values().stream().map(Member::worker).toList();
        }
        all.forEach(this::check);
    }

    private void check(Worker worker) {
        try {
            ask(worker);
        } catch (RuntimeException e) {
            // Out of the scheduled task it would end all checks for good.
            LOG.warn("The health of {} cannot be asked", worker, e);
            worker.isBroken();
        }
    }

    private static void ask(Worker worker) {
        var answer = worker.client()
                .prepare()
                .get("/health/ready")
                .responseTimeout(CHECK_TIMEOUT)
                .execute()
                .aggregate();
        var _ = answer.handle((response, failure) -> {
            if (failure != null && Exceptions.peel(failure) instanceof ResponseTimeoutException) {
                worker.isLate();
            } else if (failure != null && Worker.isRefusal(failure)) {
                worker.isDown("refuses connections");
            } else if (failure != null) {
                worker.isBroken();
            } else if (response.status().equals(HttpStatus.OK)) {
                worker.isUp();
            } else {
                worker.isDown("is not ready");
            }
            return response;
        });
    }
}
