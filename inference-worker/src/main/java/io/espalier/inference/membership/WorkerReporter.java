package io.espalier.inference.membership;

import io.espalier.contracts.route.WorkerReport;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Tells the control plane every two seconds, and right after a change, what this worker can serve. */
public final class WorkerReporter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerReporter.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("worker-report").daemon().factory());
    private final URI uri;
    private final String serviceCredential;
    private final Supplier<WorkerReport> report;
    private boolean reached = true;

    /** @param report called on the reporter's thread */
    public WorkerReporter(URI controlPlane, String serviceCredential, String workerId, Supplier<WorkerReport> report) {
        this.uri = controlPlane.resolve(
                "/internal/inference-workers/" + URLEncoder.encode(workerId, StandardCharsets.UTF_8));
        this.serviceCredential = serviceCredential;
        this.report = report;
    }

    public WorkerReporter start() {
        var _ = thread.scheduleWithFixedDelay(this::send, 0, INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return this;
    }

    /** Reports now; returns at once. */
    public void changed() {
        try {
            thread.execute(this::send);
        } catch (RejectedExecutionException _) {
            // The worker is closing and has said so.
        }
    }

    private void send() {
        HttpRequest request = HttpRequest.newBuilder(uri)
                .timeout(PATIENCE)
                .header("authorization", "Bearer " + serviceCredential)
                .header("content-type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(report.get())))
                .build();
        try {
            int status =
                    http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            note(status / 100 == 2, "it answered " + status);
        } catch (IOException e) {
            note(false, e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // Whatever it was, the next report is due in two seconds.
            note(false, e.toString());
        }
    }

    /** Only changes are worth a line: the control plane may be away for hours. */
    private void note(boolean succeeded, String why) {
        if (succeeded != reached) {
            reached = succeeded;
            if (succeeded) {
                LOG.info("The control plane takes reports again");
            } else {
                LOG.warn("The control plane does not take reports: {}", why);
            }
        }
    }

    /** Sends what is still to be sent, and ends. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                thread.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        http.shutdownNow();
    }
}
