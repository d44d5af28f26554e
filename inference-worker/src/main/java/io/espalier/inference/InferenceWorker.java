package io.espalier.inference;

import com.linecorp.armeria.common.util.EventLoopGroups;
import com.linecorp.armeria.server.HttpService;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.TransientHttpService;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.process.ParentWatch;
import io.espalier.contracts.process.Settings;
import io.espalier.contracts.route.BodyBudget;
import io.espalier.contracts.route.RouteTable;
import io.espalier.contracts.route.RouteTableClient;
import io.espalier.contracts.route.SavedRouteTable;
import io.espalier.contracts.route.WorkerReport;
import io.espalier.inference.batch.BatchScheduler;
import io.espalier.inference.event.EventFeed;
import io.espalier.inference.health.HealthService;
import io.espalier.inference.health.WorkerMetrics;
import io.espalier.inference.membership.WorkerReporter;
import io.espalier.inference.pool.BundleCache;
import io.espalier.inference.pool.ModelPool;
import io.espalier.inference.predict.PredictService;
import io.espalier.inference.predict.ProblemAnswers;
import io.espalier.inference.predict.RequestIds;
import io.espalier.inference.predict.RequestMetrics;
import io.espalier.inference.predict.ServiceCredential;
import io.netty.channel.EventLoopGroup;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One inference worker: a server, the models behind it, and what keeps both in step with the control plane. */
public final class InferenceWorker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceWorker.class);
    /** Longer than any request may take, so that none is cut off by a stop. */
    private static final Duration DRAIN_MARGIN = Duration.ofSeconds(5);
    /** What is asked of a draining worker every second is not what it drains for. */
    private static final Function<? super HttpService, ? extends HttpService> UNCOUNTED =
            TransientHttpService.newDecorator();

    private final WorkerSettings settings;
    private final WorkerMetrics metrics = new WorkerMetrics();
    private final ObjectStore store;
    private final SavedRouteTable saved;
    private final BatchScheduler scheduler;
    private final EventFeed events;
    private final ModelPool pool;
    private final EventLoopGroup eventLoops;
    private final Server server;
    private final RouteTableClient routeTable;
    private final WorkerReporter reporter;
    private volatile boolean tableKnown;
    private volatile boolean warm;
    private volatile boolean draining;

    private InferenceWorker(WorkerSettings settings) {
        this.settings = settings;
        this.store = new ObjectStore(settings.objectStore());
        this.scheduler = new BatchScheduler(settings.threads(), metrics.registry());
        this.events = new EventFeed(
                settings.controlPlane(),
                settings.serviceCredential(),
                settings.workerId(),
                settings.recentEvents(),
                metrics.registry(),
                this::readinessChanged);
        this.pool = new ModelPool(
                new BundleCache(settings.dataDirectory().resolve("bundles"), store),
                events,
                scheduler,
                settings.limits(),
                metrics.registry(),
                this::readinessChanged);
        this.saved = new SavedRouteTable(settings.dataDirectory().resolve(SavedRouteTable.FILE));
        this.routeTable =
                new RouteTableClient(settings.controlPlane(), settings.serviceCredential(), this::routeTableChanged);
        this.reporter = new WorkerReporter(
                settings.controlPlane(), settings.serviceCredential(), settings.workerId(), this::report);
        this.eventLoops = EventLoopGroups.newEventLoopGroup(Math.max(1, settings.threads() / 2), "http");
        this.server = server();
    }

    public static void main(String[] arguments) {
        ParentWatch.start();
        InferenceWorker worker = start(WorkerSettings.of(Settings.ofProcess()));
        Runtime.getRuntime().addShutdownHook(new Thread(worker::close, "drain"));
    }

    /** Starts and returns as soon as it listens; models are loaded after. */
    public static InferenceWorker start(WorkerSettings settings) {
        InferenceWorker worker = new InferenceWorker(settings);
        try {
            worker.server.start().join();
            worker.saved.read().ifPresent(table -> {
                LOG.info("Starting from the saved route table, version {}", table.version());
                worker.events.follow(table);
                worker.pool.follow(table);
                worker.tableKnown = true;
            });
            worker.noticeWarmth();
            worker.events.start();
            worker.routeTable.start();
            worker.reporter.start();
        } catch (RuntimeException | Error e) {
            // The port is taken, most likely; without this the event loops would keep the process alive.
            worker.close();
            throw e;
        }
        LOG.info("Inference worker {} listens on {}", settings.workerId(), worker.uri());
        return worker;
    }

    /** Where gateways reach this worker. */
    public URI uri() {
        URI advertised = settings.advertisedUrl();
        return advertised != null
                ? advertised
                : URI.create("http://" + settings.host() + ":" + server.activeLocalPort());
    }

    /** Whether all that was deployed when this worker started is loaded and warm, and it is not about to stop. */
    public boolean isReady() {
        return warm && !draining;
    }

    private Server server() {
        return Server.builder()
                .http(new InetSocketAddress(settings.host(), settings.port()))
                .maxRequestLength(settings.maxRequestBytes())
                .requestTimeout(settings.requestTimeout())
                .gracefulShutdownTimeout(
                        settings.drainQuiet(), settings.requestTimeout().plus(DRAIN_MARGIN))
                .workerGroup(eventLoops, false)
                .blockingTaskExecutor(settings.threads())
                .disableServerHeader()
                .errorHandler(new ProblemAnswers())
                .service("/health/live", UNCOUNTED.apply(HealthService.of(() -> true)))
                .service("/health/ready", UNCOUNTED.apply(HealthService.of(this::isReady)))
                .service("/metrics", UNCOUNTED.apply(metrics.page()))
                .route()
                .post("/internal/bundles/{sha256}/predict")
                .decorator(new ServiceCredential(settings.serviceCredential()))
                .decorator(new RequestMetrics(metrics.registry()))
                .build(new PredictService(pool, BodyBudget.ofHeap(settings.maxRequestBytes())))
                .decorator(new RequestIds())
                .build();
    }

    /** On the route table client's thread. */
    private void routeTableChanged(RouteTable table) {
        events.follow(table);
        pool.follow(table);
        tableKnown = true;
        saved.write(table.withoutKeys());
        noticeWarmth();
    }

    /** On the loader's thread or that of the events. */
    private void readinessChanged() {
        noticeWarmth();
        reporter.changed();
    }

    /** Once warm, always warm: what is deployed later is not ready by itself, and reported so. */
    private void noticeWarmth() {
        if (!warm && tableKnown && pool.isSettled() && events.behind().isEmpty()) {
            warm = true;
            LOG.info("Ready with {} models", pool.ready().size());
        }
    }

    private WorkerReport report() {
        return draining
                ? new WorkerReport(uri(), List.of(), Map.of())
                : new WorkerReport(uri(), readyBundles(), pool.failed());
    }

    /** A model whose events are still being read back would answer as if they had not happened. */
    private List<String> readyBundles() {
        Set<String> behind = events.behind();
        return pool.ready().stream().filter(bundle -> !behind.contains(bundle)).toList();
    }

    /** Stops being ready, answers what it has been asked, and frees everything. */
    @Override
    public void close() {
        LOG.info("Draining");
        draining = true;
        reporter.changed();
        routeTable.close();
        server.stop().join();
        // Until now its last answers followed what happened, and callers waited for it.
        events.close();
        // Without the two seconds of quiet that Netty waits for by itself: the server has drained.
        var _ = eventLoops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        reporter.close();
        scheduler.close();
        pool.close();
        store.close();
        metrics.close();
        LOG.info("Stopped");
    }
}
