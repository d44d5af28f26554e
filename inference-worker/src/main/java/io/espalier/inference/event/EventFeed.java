package io.espalier.inference.event;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.route.EventPoll;
import io.espalier.contracts.route.EventPoll.Answer;
import io.espalier.contracts.route.EventPoll.Batch;
import io.espalier.contracts.route.EventPoll.Event;
import io.espalier.contracts.route.EventPoll.Position;
import io.espalier.contracts.route.RouteTable;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.RecentEvents;
import io.espalier.modelkit.task.TaskKit;
import io.espalier.modelkit.task.TaskKits;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Follows, on a thread of its own, the events of the products whose deployed models take them, from the oldest that is still worth
 * it. Nothing is kept on disk: the control plane has it all. What is in memory belongs to the product and not to a model, so models
 * come, go and come back without it. Thread-safe.
 */
public final class EventFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventFeed.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** Until the next look where there is nothing to follow; whatever changes that ends it. */
    private static final Duration IDLE = Duration.ofMinutes(1);

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final Duration ANSWER_TIMEOUT = EventPoll.PATIENCE.plusSeconds(5);
    private static final Duration GOODBYE_TIMEOUT = Duration.ofSeconds(1);
    /** How long a new model may work before it answers without what it does not follow. */
    private static final Duration JOINING_PATIENCE = Duration.ofMinutes(2);

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT)
            .build();
    private final Thread thread = Thread.ofVirtual().name("events").unstarted(this::askUntilClosed);
    private final Map<ProductKey, Followed> products = new ConcurrentHashMap<>();
    private final URI uri;
    private final String serviceCredential;
    private final int most;
    private final Runnable onChange;
    private volatile boolean closed;
    /** Only the thread's: whether the control plane believes that this worker follows something. */
    private boolean subscribed;

    private boolean failing;

    private record ProductKey(UUID tenant, UUID product) {}

    /** A product whose task takes events. */
    private static final class Followed {
        final RecentEvents events;
        /** The last that was taken; the thread's to change. */
        volatile long last;
        /** The last of those that were there when it was first asked for; null until they have been taken. */
        volatile @Nullable Long lastBefore;
        /** What is deployed of it: nothing is asked for the sake of a product without. */
        volatile Set<String> bundles = Set.of();
        /** Whether all that was there when it was first asked for is followed, or could not be had. */
        volatile boolean caughtUp;
        /** Bundles whose models once followed. */
        final Set<String> known = ConcurrentHashMap.newKeySet();
        /** Those whose models were loaded for the first time and do not yet follow all that was there. */
        final Map<String, Joining> joining = new ConcurrentHashMap<>();

        /**
         * A model that is new.
         *
         * @param last the number of the last event that it has to follow
         * @param deadlineNanos when it is no longer waited for
         */
        private record Joining(long last, long deadlineNanos) {}

        void join(String bundle) {
            if (known.add(bundle) && !events.pending().isEmpty()) {
                joining.put(bundle, new Joining(last, System.nanoTime() + JOINING_PATIENCE.toNanos()));
            }
        }

        /** @return whether there are fewer now */
        boolean haveJoined() {
            return joining.values().removeIf(one -> follows(one.last()) || System.nanoTime() - one.deadlineNanos() > 0);
        }

        Followed(RecentEvents events) {
            this.events = events;
        }

        boolean followsAllBefore() {
            Long before = lastBefore;
            return before != null && follows(before);
        }

        private boolean follows(long sequence) {
            return events.pending().values().stream().allMatch(firstPending -> firstPending > sequence);
        }
    }

    /**
     * Does nothing before {@link #start}.
     *
     * @param most events to keep in memory, of all products together: where it is more, the product with the most loses some
     * @param onChange called on the feed's thread when there are fewer bundles {@link #behind}
     */
    public EventFeed(
            URI controlPlane,
            String serviceCredential,
            String workerId,
            int most,
            MeterRegistry meters,
            Runnable onChange) {
        this.uri = controlPlane.resolve(EventPoll.path(workerId));
        this.serviceCredential = serviceCredential;
        this.most = most;
        this.onChange = onChange;
        Gauge.builder("espalier.inference.recent.events", this, EventFeed::size)
                .description("Events of products that are kept in memory")
                .register(meters);
    }

    public EventFeed start() {
        thread.start();
        return this;
    }

    /** Follows what the table deploys; to be told of a table before the models of its bundles are loaded. */
    public void follow(RouteTable table) {
        boolean changed = false;
        Set<ProductKey> known = new HashSet<>();
        for (RouteTable.Product product : table.products()) {
            ProductKey key = new ProductKey(product.tenant(), product.product());
            Followed followed = followed(key, product.task());
            if (followed != null) {
                known.add(key);
                Set<String> bundles = product.variants().stream()
                        .map(variant -> variant.bundle().sha256())
                        .collect(Collectors.toUnmodifiableSet());
                if (bundles.isEmpty() != followed.bundles.isEmpty()) {
                    followed.lastBefore = null;
                    followed.caughtUp = false;
                    changed = true;
                }
                followed.bundles = bundles;
            }
        }
        // A product that is only out of service keeps what it has: a model of it may still be loaded.
        changed |= products.keySet().retainAll(known);
        if (changed) {
            thread.interrupt();
        }
    }

    private @Nullable Followed followed(ProductKey key, String task) {
        TaskKit kit = TaskKits.all().get(task);
        return kit == null
                ? null
                : products.computeIfAbsent(
                        key, _ -> kit.recentEvents().map(this::followed).orElse(null));
    }

    private Followed followed(RecentEvents events) {
        // The control plane is waiting to hear of it.
        events.onFollowed(thread::interrupt);
        return new Followed(events);
    }

    /**
     * Lets a model that was just opened follow the events of its own product, which is the one that its manifest names.
     *
     * @param bundle its hash
     */
    public void connect(Predictor predictor, ModelManifest manifest, String bundle) {
        ModelManifest.Lineage lineage = manifest.lineage();
        Followed followed = followed(new ProductKey(lineage.tenant(), lineage.product()), manifest.task());
        if (followed != null) {
            predictor.follow(followed.events);
            followed.join(bundle);
        }
    }

    /** Hashes of deployed bundles whose answers would not yet follow the events that were there before. */
    public Set<String> behind() {
        Set<String> behind = new TreeSet<>();
        products.values().stream()
                .filter(followed -> !followed.caughtUp)
                .forEach(followed -> behind.addAll(followed.bundles));
        products.values().forEach(followed -> behind.addAll(followed.joining.keySet()));
        return behind;
    }

    private void askUntilClosed() {
        while (!closed) {
            try {
                try {
                    Map<ProductKey, Followed> asked = deployed();
                    if (asked.isEmpty() && !subscribed) {
                        Thread.sleep(IDLE);
                    } else {
                        areCaughtUp(asked);
                        take(ask(asked, ANSWER_TIMEOUT), asked);
                    }
                } catch (IOException | RuntimeException e) {
                    failed(e);
                    Thread.sleep(PAUSE);
                }
            } catch (InterruptedException _) {
                // The products are others now, or the feed was closed.
            }
        }
    }

    private Map<ProductKey, Followed> deployed() {
        return products.entrySet().stream()
                .filter(entry -> !entry.getValue().bundles.isEmpty())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private Answer ask(Map<ProductKey, Followed> asked, Duration timeout) throws IOException, InterruptedException {
        List<Position> positions = new ArrayList<>();
        asked.forEach((key, followed) ->
                positions.add(new Position(key.tenant(), key.product(), followed.last, followed.events.pending())));
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(timeout)
                .header("authorization", "Bearer " + serviceCredential)
                .header("content-type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(new EventPoll(most, positions))))
                .build();
        HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (answer.statusCode() != 200) {
            throw new IOException("The control plane answered " + answer.statusCode());
        }
        subscribed = !asked.isEmpty();
        return json.readValue(answer.body(), Answer.class);
    }

    private void take(Answer answer, Map<ProductKey, Followed> asked) {
        for (Batch batch : answer.batches()) {
            Followed followed = asked.get(new ProductKey(batch.tenant(), batch.product()));
            if (followed != null) {
                for (Event event : batch.events()) {
                    followed.events.add(event.sequence(), event.kind(), event.body());
                    followed.last = event.sequence();
                }
            }
        }
        makeRoom();
        if (failing) {
            failing = false;
            LOG.info("The control plane answers again what has happened to the products");
        }
        if (!answer.more()) {
            asked.values()
                    .forEach(followed ->
                            followed.lastBefore = Objects.requireNonNullElse(followed.lastBefore, followed.last));
            areCaughtUp(asked);
        }
    }

    private void areCaughtUp(Map<ProductKey, Followed> asked) {
        List<Followed> now = asked.values().stream()
                .filter(followed -> !followed.caughtUp && followed.followsAllBefore())
                .toList();
        now.forEach(followed -> followed.caughtUp = true);
        boolean joined = false;
        for (Followed followed : asked.values()) {
            joined |= followed.haveJoined();
        }
        if (joined || !now.isEmpty()) {
            onChange.run();
        }
    }

    private long size() {
        return products.values().stream()
                .mapToLong(followed -> followed.events.size())
                .sum();
    }

    /** By what the most is too much, whoever has the most: many events of one tenant do not cost another its few. */
    private void makeRoom() {
        for (long excess = size() - most; excess > 0; excess = size() - most) {
            RecentEvents largest = products.values().stream()
                    .map(followed -> followed.events)
                    .max(Comparator.comparingInt(RecentEvents::size))
                    .orElseThrow();
            largest.shrink((int) Math.max(0, largest.size() - excess));
        }
    }

    /** Models answer without: what is not known now is known when the control plane is back. Only the first failure is worth a line. */
    private void failed(Exception cause) {
        if (!failing && !closed) {
            failing = true;
            LOG.warn("The control plane cannot be asked what has happened to the products", cause);
        }
        Collection<Followed> deployed = deployed().values();
        if (deployed.stream().anyMatch(followed -> !followed.caughtUp)) {
            deployed.forEach(followed -> followed.caughtUp = true);
            onChange.run();
        }
    }

    /** Says that nobody need wait for this worker any more, and ends. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(GOODBYE_TIMEOUT);
            if (subscribed) {
                ask(Map.of(), GOODBYE_TIMEOUT);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("The control plane will notice by itself that this worker is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
    }
}
