package io.espalier.inference;

import io.espalier.contracts.artifact.ObjectStoreSettings;
import io.espalier.contracts.process.Settings;
import io.espalier.inference.pool.ModelPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A worker's settings; the environment variables stand beside what they set in {@link #of}.
 *
 * @param port 0 for any free one
 * @param advertisedUrl where gateways reach this worker; null for the address that it listens on
 * @param workerId stays the same over restarts, so that a restarted worker takes its own place again
 * @param threads that predict, each with one thread of ONNX Runtime
 * @param recentEvents that are kept in memory, of all products together
 * @param drainQuiet how long a worker that is to stop must have been without requests
 */
public record WorkerSettings(
        String host,
        int port,
        @Nullable URI advertisedUrl,
        String workerId,
        Path dataDirectory,
        URI controlPlane,
        String serviceCredential,
        ObjectStoreSettings objectStore,
        int threads,
        ModelPool.Limits limits,
        int recentEvents,
        long maxRequestBytes,
        Duration requestTimeout,
        Duration drainQuiet) {

    public static WorkerSettings of(Settings settings) {
        Path data = Path.of(settings.required(Settings.DATA_DIRECTORY));
        int cores = Runtime.getRuntime().availableProcessors();
        String advertised = settings.optional("ESPALIER_ADVERTISED_URL");
        String workerId = settings.optional("ESPALIER_WORKER_ID");
        return new WorkerSettings(
                settings.get(Settings.HOST, "127.0.0.1"),
                settings.getInt(Settings.PORT, 0),
                advertised == null ? null : URI.create(advertised),
                workerId == null ? rememberedId(data) : workerId,
                data,
                URI.create(settings.required(Settings.CONTROL_PLANE_URL)),
                settings.required(Settings.SERVICE_CREDENTIAL),
                settings.objectStore(),
                settings.getInt("ESPALIER_INFERENCE_THREADS", cores),
                new ModelPool.Limits(
                        (long) settings.getInt("ESPALIER_MODEL_MEMORY_MB", 1024) << 20,
                        settings.getInt("ESPALIER_QUEUE_CAPACITY_INPUTS", 512),
                        Duration.ofSeconds(settings.getInt("ESPALIER_UNLOAD_DELAY_SECONDS", 5))),
                settings.getInt("ESPALIER_RECENT_EVENTS", 500_000),
                settings.getInt("ESPALIER_MAX_REQUEST_BYTES", 10 << 20),
                Duration.ofSeconds(settings.getInt("ESPALIER_REQUEST_TIMEOUT_SECONDS", 30)),
                Duration.ofMillis(settings.getInt("ESPALIER_DRAIN_QUIET_MS", 1000)));
    }

    private static String rememberedId(Path data) {
        Path file = data.resolve("worker-id");
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(data);
                Files.writeString(file, "worker-" + UUID.randomUUID());
            }
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
