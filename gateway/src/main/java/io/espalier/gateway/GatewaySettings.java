package io.espalier.gateway;

import io.espalier.contracts.process.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A gateway's settings; the environment variables stand beside what they set in {@link #of}.
 *
 * @param port of the public routes; 0 for any free one
 * @param adminHost where metrics are served; not for the public
 * @param adminPort 0 for any free one
 * @param publicUrl the public origin, where something in front of the gateway speaks TLS; null where the gateway itself is it
 * @param maxPredictionBytes the largest body of a prediction
 * @param predictionTimeout from a prediction's last byte in to its answer, retries included
 * @param patience how long a request's body may pause or trickle in, and how long a connection may idle
 * @param answerPatience how long the control plane or the object store may take to begin its answer
 * @param drain how long a gateway that is to stop waits for the requests it has
 */
public record GatewaySettings(
        String host,
        int port,
        String adminHost,
        int adminPort,
        @Nullable URI publicUrl,
        URI controlPlane,
        String serviceCredential,
        URI objectStore,
        Path dataDirectory,
        int maxConnections,
        int maxPredictionBytes,
        Duration predictionTimeout,
        Duration patience,
        Duration answerPatience,
        Duration drain) {

    public static GatewaySettings of(Settings settings) {
        String publicUrl = settings.optional(Settings.PUBLIC_URL);
        return new GatewaySettings(
                settings.get(Settings.HOST, "127.0.0.1"),
                settings.getInt(Settings.PORT, 8080),
                settings.get("ESPALIER_ADMIN_HOST", "127.0.0.1"),
                settings.getInt("ESPALIER_ADMIN_PORT", 0),
                publicUrl == null ? null : URI.create(publicUrl),
                URI.create(settings.required(Settings.CONTROL_PLANE_URL)),
                settings.required(Settings.SERVICE_CREDENTIAL),
                URI.create(settings.required(Settings.S3_ENDPOINT)),
                Path.of(settings.required(Settings.DATA_DIRECTORY)),
                settings.getInt("ESPALIER_MAX_CONNECTIONS", 4096),
                settings.getInt("ESPALIER_MAX_REQUEST_BYTES", 10 << 20),
                Duration.ofSeconds(settings.getInt("ESPALIER_PREDICTION_TIMEOUT_SECONDS", 30)),
                Duration.ofSeconds(settings.getInt("ESPALIER_PATIENCE_SECONDS", 60)),
                Duration.ofSeconds(settings.getInt("ESPALIER_ANSWER_PATIENCE_SECONDS", 300)),
                Duration.ofSeconds(settings.getInt("ESPALIER_DRAIN_SECONDS", 10)));
    }

    @Override
    public String toString() {
        return "GatewaySettings[" + host + ":" + port + ", control plane " + controlPlane + "]";
    }
}
