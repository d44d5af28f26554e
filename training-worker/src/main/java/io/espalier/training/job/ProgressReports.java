package io.espalier.training.job;

import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.InspectionProgress;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.ProgressReport;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells the control plane how far jobs and inspections are. A report that does not arrive is not sent again: the next one says more. Close
 * it to free its connections.
 */
public final class ProgressReports implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProgressReports.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(PATIENCE)
            .build();
    private final URI controlPlane;
    private final String serviceCredential;

    public ProgressReports(URI controlPlane, String serviceCredential) {
        this.controlPlane = controlPlane;
        this.serviceCredential = serviceCredential;
    }

    void send(JobRef job, ProgressReport report) {
        send("/internal/jobs/" + job.tenant() + "/" + job.job() + "/progress", report);
    }

    void send(DatasetVersionRef version, InspectionProgress progress) {
        send("/internal/dataset-versions/" + version.tenant() + "/" + version.version() + "/progress", progress);
    }

    private void send(String path, Object report) {
        HttpRequest request = HttpRequest.newBuilder(controlPlane.resolve(path))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + serviceCredential)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(json.writeValueAsBytes(report)))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() >= 300) {
                LOG.warn("A progress report was refused: {} {}", response.statusCode(), response.body());
            }
        } catch (IOException e) {
            LOG.debug("A progress report is lost", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
