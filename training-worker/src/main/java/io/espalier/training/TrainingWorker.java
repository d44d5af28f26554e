package io.espalier.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.TaskQueues;
import io.espalier.contracts.process.ParentWatch;
import io.espalier.contracts.process.Settings;
import io.espalier.training.catalog.BaseModels;
import io.espalier.training.catalog.ModelHub;
import io.espalier.training.job.DataActivitiesImpl;
import io.espalier.training.job.ProgressReports;
import io.espalier.training.job.TrainingActivitiesImpl;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.WorkerFactory;
import io.temporal.worker.WorkerOptions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One training worker: takes activities from Temporal, reads and writes the object store, and tells the control plane how far
 * a training is. It has no other state, so any number may run.
 */
public final class TrainingWorker {
    /** Of one training; as many as the machine has, if not set. */
    public static final String THREADS = "ESPALIER_TRAINING_THREADS";

    /** Of the JVM of one training, in MiB; libtorch's memory comes on top. */
    public static final String TRIAL_HEAP = "ESPALIER_TRIAL_HEAP_MB";

    /** Seconds between two checkpoints. */
    public static final String CHECKPOINT_INTERVAL = "ESPALIER_CHECKPOINT_SECONDS";

    /** {@code CPU}, or {@code CUDA} where the CUDA build of libtorch is on the class path. */
    public static final String ACCELERATOR = "ESPALIER_ACCELERATOR";

    private static final Logger LOG = LoggerFactory.getLogger(TrainingWorker.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);
    private static final Duration DRAIN = Duration.ofSeconds(10);
    /** One large upload must not hold up a small one. */
    private static final int DATA_ACTIVITIES = 2;

    private volatile boolean ready;

    private TrainingWorker() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        ParentWatch.start();
        new TrainingWorker().run(Settings.ofProcess());
    }

    private void run(Settings settings) throws IOException, InterruptedException {
        HttpServer health = serveHealth(settings);
        ObjectStore store = new ObjectStore(settings.objectStore());
        untilItWorks("publish the base models", () -> {
            BaseModels.ensurePublished(store);
            return true;
        });
        WorkerFactory factory = startActivities(settings, store);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            ready = false;
                            factory.shutdownNow();
                            factory.awaitTermination(DRAIN.toMillis(), TimeUnit.MILLISECONDS);
                            health.stop(0);
                        },
                        "drain"));
        ready = true;
        LOG.info("Training worker is ready");
        Thread.currentThread().join();
    }

    private static WorkerFactory startActivities(Settings settings, ObjectStore store) throws InterruptedException {
        Path work = Path.of(settings.required(Settings.DATA_DIRECTORY)).resolve("work");
        int threads = settings.getInt(THREADS, Runtime.getRuntime().availableProcessors());
        var reports = new ProgressReports(
                URI.create(settings.required(Settings.CONTROL_PLANE_URL)),
                settings.required(Settings.SERVICE_CREDENTIAL));
        var data = new DataActivitiesImpl(store, work.resolve("data"), reports, threads, ModelHub.of(settings));
        var training = new TrainingActivitiesImpl(
                store,
                work.resolve("training"),
                reports,
                new TrainingActivitiesImpl.Resources(
                        threads, settings.getInt(TRIAL_HEAP, 2048), settings.getInt(CHECKPOINT_INTERVAL, 120)));
        Accelerator accelerator = Accelerator.valueOf(settings.get(ACCELERATOR, Accelerator.CPU.name()));

        WorkflowClient temporal = temporal(settings);
        return untilItWorks("reach Temporal", () -> {
            // A new one each time: one that failed to start cannot be started again.
            WorkerFactory factory = WorkerFactory.newInstance(temporal);
            factory.newWorker(TaskQueues.DATA, atOnce(DATA_ACTIVITIES)).registerActivitiesImplementations(data);
            factory.newWorker(TaskQueues.training(accelerator), atOnce(1)).registerActivitiesImplementations(training);
            factory.start();
            return factory;
        });
    }

    private static WorkflowClient temporal(Settings settings) {
        var stubs = WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(settings.required(Settings.TEMPORAL_ADDRESS))
                .build());
        return WorkflowClient.newInstance(
                stubs,
                WorkflowClientOptions.newBuilder()
                        .setNamespace(settings.get(Settings.TEMPORAL_NAMESPACE, "default"))
                        .build());
    }

    private static WorkerOptions atOnce(int activities) {
        return WorkerOptions.newBuilder()
                .setMaxConcurrentActivityExecutionSize(activities)
                // Heartbeats carry cancellations back, and nobody likes to wait for those.
                .setMaxHeartbeatThrottleInterval(Duration.ofSeconds(4))
                .build();
    }

    private static <T> T untilItWorks(String what, Supplier<T> action) throws InterruptedException {
        while (true) {
            try {
                return action.get();
            } catch (RuntimeException e) {
                LOG.warn("Cannot {} yet: {}", what, e.toString());
                Thread.sleep(PAUSE);
            }
        }
    }

    private HttpServer serveHealth(Settings settings) throws IOException {
        var metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        new JvmMemoryMetrics().bindTo(metrics);
        new ProcessorMetrics().bindTo(metrics);
        HttpServer server = HttpServer.create(
                new InetSocketAddress(settings.get(Settings.HOST, "127.0.0.1"), settings.getInt(Settings.PORT, 0)), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/health/live", exchange -> health(exchange, true));
        server.createContext("/health/ready", exchange -> health(exchange, ready));
        server.createContext(
                "/metrics", exchange -> answer(exchange, 200, "text/plain; version=0.0.4", metrics.scrape()));
        server.start();
        return server;
    }

    private static void health(HttpExchange exchange, boolean up) throws IOException {
        answer(exchange, up ? 200 : 503, "application/json", up ? "{\"status\":\"UP\"}" : "{\"status\":\"DOWN\"}");
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
