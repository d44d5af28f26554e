package io.espalier.inference.pool;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.route.RouteTable;
import io.espalier.inference.batch.BatchScheduler;
import io.espalier.inference.event.EventFeed;
import io.espalier.modelkit.bundle.InvalidBundleException;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.TaskKit;
import io.espalier.modelkit.task.TaskKits;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what is deployed in memory. Everything that takes time happens on one loader thread; a request only looks up.
 *
 * <p>A bundle is {@code LOADING} until it has been fetched, verified and warmed up, then {@code READY}. Where the models
 * together exceed the budget, the least recently used one is {@code EVICTED}: it stays on disk, still counts as ready to the
 * outside, and the next request for it waits until it is back. A bundle that cannot be loaded is {@code FAILED} and tried
 * again with growing pauses for as long as it is deployed.
 */
public final class ModelPool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ModelPool.class);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(2);
    private static final Duration LAST_RETRY = Duration.ofMinutes(2);
    /** What the tenant reads where the cause is ours: its text may name servers and files; the log has it by the bundle. */
    private static final String UNFORESEEN = "The worker could not load the bundle and tries again.";

    private static final Duration LONGEST_GOODBYE = Duration.ofSeconds(30);
    /** The operators of one sentence are too small for more. */
    private static final int MOST_THREADS_ALONE = 2;

    private final BundleCache cache;
    private final EventFeed events;
    private final BatchScheduler scheduler;
    private final int threadsAlone;
    private final Limits limits;
    private final Runnable onChange;
    private final Map<String, Entry> entries = new ConcurrentHashMap<>();
    private final ScheduledExecutorService loader = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("model-loader").daemon().factory());
    /** What the newest table deploys. */
    private volatile Set<String> deployed = Set.of();

    private volatile boolean closed;

    /**
     * How much the pool may take.
     *
     * @param memoryBytes of all models together; a single larger one is loaded all the same
     * @param queueCapacityInputs that may wait for one model; also how many requests may wait for one that comes back
     * @param unloadDelay how long a model stays after it left the route table: gateways learn of the change a little later
     */
    public record Limits(long memoryBytes, int queueCapacityInputs, Duration unloadDelay) {}

    /** @param onChange called on the loader thread whenever a bundle became ready, failed or left */
    public ModelPool(
            BundleCache cache,
            EventFeed events,
            BatchScheduler scheduler,
            Limits limits,
            MeterRegistry meters,
            Runnable onChange) {
        this.cache = cache;
        this.events = events;
        this.scheduler = scheduler;
        this.threadsAlone = Math.min(MOST_THREADS_ALONE, scheduler.threads());
        this.limits = limits;
        this.onChange = onChange;
        Gauge.builder("espalier.inference.models", this, ModelPool::inMemory)
                .description("Models in memory")
                .register(meters);
        Gauge.builder("espalier.inference.models.bytes", this, ModelPool::bytesInMemory)
                .description("Memory that the models are thought to take")
                .baseUnit("bytes")
                .register(meters);
    }

    private enum State {
        LOADING,
        READY,
        EVICTED,
        FAILED
    }

    /** What is known of a deployed bundle. Written by the loader thread, but for {@link #reload}. */
    private static final class Entry {
        private final RouteTable.Bundle bundle;
        private volatile State state = State.LOADING;
        private volatile @Nullable ServedModel model;
        private volatile String failure = "";
        private int attempts;
        private @Nullable CompletableFuture<@Nullable ServedModel> reload;
        /** Requests that wait for {@link #reload}. */
        private int waiting;

        Entry(RouteTable.Bundle bundle) {
            this.bundle = bundle;
        }
    }

    /** Loads what the table deploys and is not here yet; unloads, after a while, what it does not deploy any more. */
    public void follow(RouteTable table) {
        Map<String, RouteTable.Bundle> bundles = bundles(table);
        bundles.forEach((hash, bundle) -> {
            Entry entry = new Entry(bundle);
            if (entries.putIfAbsent(hash, entry) == null) {
                later(() -> load(entry), Duration.ZERO);
            }
        });
        Set<String> leaving = new HashSet<>(entries.keySet());
        leaving.removeAll(bundles.keySet());
        deployed = Set.copyOf(bundles.keySet());
        if (!leaving.isEmpty()) {
            later(this::unloadWhatLeft, limits.unloadDelay());
        }
    }

    /**
     * Looks a model up for one request. The caller holds a lease on the model that it gets, and gives it back by {@link
     * ServedModel#release} when nothing of the request is left with the model.
     *
     * @return incomplete while an evicted model comes back, and then completed on the loader thread; CONFLICT, which sends
     *     the gateway to another worker, if the bundle is not deployed, was never loaded yet, or cannot come back; OVERLOADED
     *     if too many wait for it to come back
     */
    public CompletableFuture<ServedModel> lease(String sha256) {
        Entry entry = entries.get(sha256);
        if (entry == null) {
            return notLoaded(sha256);
        }
        ServedModel model = entry.model;
        if (model != null && model.lease()) {
            return CompletableFuture.completedFuture(model);
        }
        return switch (entry.state) {
            case LOADING, FAILED -> notLoaded(sha256);
            // On the loader thread, so that nothing evicts the model between its return and the lease.
            case READY, EVICTED ->
                reload(entry)
                        .thenCompose(loaded -> loaded != null && loaded.lease()
                                ? CompletableFuture.completedFuture(loaded)
                                : notLoaded(sha256));
        };
    }

    private static CompletableFuture<ServedModel> notLoaded(String sha256) {
        return CompletableFuture.failedFuture(
                new ProblemException(ProblemType.CONFLICT, "This worker has not loaded the bundle " + sha256 + "."));
    }

    /** @return completes, with null if the model could not be loaded, but for too many who wait */
    private CompletableFuture<@Nullable ServedModel> reload(Entry entry) {
        synchronized (entry) {
            if (entry.waiting >= limits.queueCapacityInputs()) {
                return CompletableFuture.failedFuture(new ProblemException(
                        ProblemType.OVERLOADED, "Too many wait for this model already; try again in a moment."));
            }
            entry.waiting++;
            CompletableFuture<@Nullable ServedModel> running = entry.reload;
            if (running == null) {
                CompletableFuture<@Nullable ServedModel> started = new CompletableFuture<>();
                entry.reload = started;
                running = started;
                later(
                        () -> {
                            try {
                                load(entry);
                            } finally {
                                synchronized (entry) {
                                    entry.reload = null;
                                    entry.waiting = 0;
                                }
                                started.complete(entry.model);
                            }
                        },
                        Duration.ZERO);
            }
            return running;
        }
    }

    /** Hashes of the bundles that a request may be sent for, in order. */
    public List<String> ready() {
        return entries.values().stream()
                .filter(entry -> entry.state == State.READY || entry.state == State.EVICTED)
                .map(entry -> entry.bundle.sha256())
                .sorted()
                .toList();
    }

    /** Why deployed bundles could not be loaded, by hash. */
    public Map<String, String> failed() {
        Map<String, String> failed = new TreeMap<>();
        entries.forEach((hash, entry) -> {
            if (entry.state == State.FAILED) {
                failed.put(hash, entry.failure);
            }
        });
        return failed;
    }

    /** Whether nothing that is deployed is still on its way for the first time. */
    public boolean isSettled() {
        return entries.values().stream().noneMatch(entry -> entry.state == State.LOADING);
    }

    private void load(Entry entry) {
        String hash = entry.bundle.sha256();
        if (entry.model != null || entries.get(hash) != entry) {
            return;
        }
        long start = System.nanoTime();
        try {
            BundleCache.Cached cached = cache.get(entry.bundle);
            TaskKit kit = TaskKits.get(cached.manifest().task());
            long bytes = memoryOf(kit.heldBytes(cached.folder(), entry.bundle.bytes()));
            makeRoom(bytes, entry);
            Predictor predictor = kit.open(cached.folder(), cached.manifest(), threadsAlone);
            try {
                events.connect(predictor, cached.manifest(), hash);
                warmUp(predictor);
            } catch (RuntimeException | Error e) {
                predictor.close();
                throw e;
            }
            entry.model = new ServedModel(predictor, scheduler.queue(predictor, limits.queueCapacityInputs()), bytes);
            entry.attempts = 0;
            entry.state = State.READY;
            LOG.info(
                    "The bundle {} is ready after {} ms",
                    hash,
                    Duration.ofNanos(System.nanoTime() - start).toMillis());
        } catch (RuntimeException | Error e) {
            // Memory that ran out, or a native library that does not load, is tried again too.
            String shown = e instanceof InvalidBundleException ? e.getMessage() : null;
            entry.failure = shown == null ? UNFORESEEN : shown;
            entry.state = State.FAILED;
            Duration pause = pauseAfter(entry.attempts++);
            LOG.warn("The bundle {} cannot be loaded; the next attempt is in {} s", hash, pause.toSeconds(), e);
            later(() -> load(entry), pause);
        }
        onChange.run();
    }

    private static Duration pauseAfter(int attempts) {
        Duration pause = FIRST_RETRY.multipliedBy(1L << Math.min(attempts, 10));
        return pause.compareTo(LAST_RETRY) < 0 ? pause : LAST_RETRY;
    }

    /** The first runs of every shape are slow: kernels are chosen, memory is taken, Java is compiled. */
    private static void warmUp(Predictor predictor) {
        for (int round = 0; round < 2; round++) {
            for (Predictor.Prepared sample : predictor.samples()) {
                predictor.predictAlone(List.of(sample));
                predictor.predict(List.of(sample));
                predictor.predict(Collections.nCopies(4, sample));
            }
            predictor.predict(
                    Collections.nCopies(Predictor.MAX_BATCH, predictor.samples().getFirst()));
        }
    }

    private void makeRoom(long bytes, Entry forWhom) {
        while (bytesInMemory() + bytes > limits.memoryBytes()) {
            Entry oldest = entries.values().stream()
                    .filter(entry -> entry != forWhom && entry.model != null)
                    .min(Comparator.comparingLong(ModelPool::lastUsed))
                    .orElse(null);
            if (oldest == null) {
                LOG.warn(
                        "The bundle {} alone is larger than the memory budget of {} MB",
                        forWhom.bundle.sha256(),
                        limits.memoryBytes() >> 20);
                return;
            }
            LOG.info("The bundle {} is evicted: memory is short", oldest.bundle.sha256());
            oldest.state = State.EVICTED;
            drop(oldest);
        }
    }

    private static long lastUsed(Entry entry) {
        ServedModel model = entry.model;
        return model == null ? Long.MIN_VALUE : model.lastUsed();
    }

    private void unloadWhatLeft() {
        for (Entry entry : List.copyOf(entries.values())) {
            String hash = entry.bundle.sha256();
            if (!deployed.contains(hash)) {
                entries.remove(hash);
                drop(entry);
                LOG.info("The bundle {} is not deployed any more and leaves memory", hash);
            }
        }
        cache.retain(entries.keySet());
        onChange.run();
    }

    /** Waits, but not forever, until the last request is through and the memory is free. */
    private static void drop(Entry entry) {
        ServedModel model = entry.model;
        entry.model = null;
        if (model != null) {
            model.retire()
                    .completeOnTimeout(null, LONGEST_GOODBYE.toMillis(), TimeUnit.MILLISECONDS)
                    .join();
        }
    }

    /**
     * Weights lie in memory about twice, as the file has them and packed for the processor, for one thread and again for
     * several; the rest is tokenizer and scratch.
     */
    private static long memoryOf(long heldBytes) {
        return 4 * heldBytes + (32L << 20);
    }

    private int inMemory() {
        return (int)
                entries.values().stream().filter(entry -> entry.model != null).count();
    }

    private long bytesInMemory() {
        long bytes = 0;
        for (Entry entry : entries.values()) {
            ServedModel model = entry.model;
            bytes += model == null ? 0 : model.bytes();
        }
        return bytes;
    }

    private static Map<String, RouteTable.Bundle> bundles(RouteTable table) {
        Map<String, RouteTable.Bundle> bundles = new LinkedHashMap<>();
        table.products()
                .forEach(product -> product.variants()
                        .forEach(variant -> bundles.put(variant.bundle().sha256(), variant.bundle())));
        return bundles;
    }

    private void later(Runnable task, Duration delay) {
        if (closed) {
            return;
        }
        var _ = loader.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (RuntimeException | Error e) {
                        LOG.error("The model loader failed", e);
                    }
                },
                delay.toMillis(),
                TimeUnit.MILLISECONDS);
    }

    /** To be called when no request is left. */
    @Override
    public void close() {
        closed = true;
        loader.shutdownNow();
        try {
            if (!loader.awaitTermination(LONGEST_GOODBYE.toSeconds(), TimeUnit.SECONDS)) {
                LOG.warn("A model is still being loaded; its memory goes with the process");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        entries.values().forEach(ModelPool::drop);
    }
}
