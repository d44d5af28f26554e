package io.espalier.contracts.route;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Follows the control plane's route table on a thread of its own and hands every new snapshot to one consumer. A stream
 * that breaks, or is silent for ten seconds, is opened again after a second, for as long as the client is open.
 */
public final class RouteTableClient implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final JsonMapper json = JsonMapper.builder().build();
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(3))
            .build();
    private final URI controlPlane;
    private final String serviceCredential;
    private final Consumer<RouteTable> consumer;
    private final Thread reader;
    private final Thread watch;
    private volatile boolean closed;
    private volatile Instant lastLine = Instant.now();
    private volatile @Nullable BufferedReader open;

    /** @param consumer called on the client's thread with every table; an exception that it throws ends the stream, not the client */
    public RouteTableClient(URI controlPlane, String serviceCredential, Consumer<RouteTable> consumer) {
        this.controlPlane = controlPlane;
        this.serviceCredential = serviceCredential;
        this.consumer = consumer;
        this.reader = Thread.ofVirtual().name("route-table").unstarted(this::follow);
        this.watch = Thread.ofVirtual().name("route-table-watch").unstarted(this::closeSilentStreams);
    }

    public RouteTableClient start() {
        reader.start();
        watch.start();
        return this;
    }

    /** Whether the control plane was heard within the last ten seconds. */
    public boolean isConnected() {
        return open != null && lastLine.plus(SILENCE).isAfter(Instant.now());
    }

    private void follow() {
        while (!closed) {
            try {
                try {
                    readStream();
                } catch (IOException | RuntimeException e) {
                    System.getLogger(RouteTableClient.class.getName())
                            .log(System.Logger.Level.DEBUG, "The route table stream broke", e);
                }
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                // Either the client was closed, or the watch broke a silent stream.
            }
        }
    }

    private void readStream() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(controlPlane.resolve(RouteTable.PATH))
                .header("authorization", "Bearer " + serviceCredential)
                .build();
        var response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() != 200) {
                throw new IOException("The control plane answered " + response.statusCode());
            }
            lastLine = Instant.now();
            open = lines;
            for (String line = lines.readLine(); line != null && !closed; line = lines.readLine()) {
                lastLine = Instant.now();
                if (!line.isBlank()) {
                    consumer.accept(json.readValue(line, RouteTable.class));
                }
            }
        } finally {
            open = null;
        }
    }

    private void closeSilentStreams() {
        while (!closed) {
            try {
                Thread.sleep(PAUSE);
                if (open != null && lastLine.plus(SILENCE).isBefore(Instant.now())) {
                    reader.interrupt();
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        reader.interrupt();
        watch.interrupt();
        http.shutdownNow();
    }
}
