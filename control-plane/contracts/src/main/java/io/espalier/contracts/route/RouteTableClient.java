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
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Follows the control plane's route table on a thread of its own and hands every new snapshot to one consumer. A stream
 * that breaks, or is silent for ten seconds, is opened again after a second, for as long as the client is open.
 */
public final class RouteTableClient implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RouteTableClient.class);
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
    private final Duration silence;
    private final Thread reader;
    private final Thread watch;
    private volatile boolean closed;
    /** As {@link System#nanoTime} counts, which no step of the clock touches; of a request until its answer begins. */
    private volatile long lastSign = System.nanoTime();

    private volatile boolean open;
    /** Only the reader's. */
    private boolean failing;

    /**
     * @param consumer called on the client's thread with the first table of every stream, whatever its version, as the control
     *     plane may have been restored or its clock set back, and then with every newer one of that stream; an exception that
     *     it throws ends the stream, not the client
     */
    public RouteTableClient(URI controlPlane, String serviceCredential, Consumer<RouteTable> consumer) {
        this(controlPlane, serviceCredential, consumer, SILENCE);
    }

    RouteTableClient(URI controlPlane, String serviceCredential, Consumer<RouteTable> consumer, Duration silence) {
        this.controlPlane = controlPlane;
        this.serviceCredential = serviceCredential;
        this.consumer = consumer;
        this.silence = silence;
        this.reader = Thread.ofVirtual().name("route-table").unstarted(this::follow);
        this.watch = Thread.ofVirtual().name("route-table-watch").unstarted(this::breakOffSilence);
    }

    public RouteTableClient start() {
        reader.start();
        watch.start();
        return this;
    }

    /** Whether the control plane was heard within the last ten seconds. */
    public boolean isConnected() {
        return open && !isSilent();
    }

    private boolean isSilent() {
        return System.nanoTime() - lastSign > silence.toNanos();
    }

    private void follow() {
        while (!closed) {
            try {
                try {
                    readStream();
                } catch (IOException | RuntimeException e) {
                    failed(e);
                }
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                // Either the client was closed, or the watch broke off a silent request or stream.
                failed(e);
            }
        }
    }

    private void readStream() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(controlPlane.resolve(RouteTable.PATH))
                .header("authorization", "Bearer " + serviceCredential)
                .build();
        lastSign = System.nanoTime();
        var response = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            if (response.statusCode() != 200) {
                throw new IOException("The control plane answered " + response.statusCode());
            }
            RouteTable newest = null;
            for (String line = lines.readLine(); line != null && !closed; line = lines.readLine()) {
                lastSign = System.nanoTime();
                open = true;
                if (!line.isBlank()) {
                    RouteTable table = json.readValue(line, RouteTable.class);
                    if (newest == null || table.version() > newest.version()) {
                        consumer.accept(table);
                        newest = table;
                    }
                }
                succeeded();
            }
        } finally {
            open = false;
        }
    }

    /** Only changes are worth a line: the control plane may be away for hours. */
    private void failed(Exception cause) {
        if (!failing && !closed) {
            failing = true;
            LOG.warn("The route table cannot be followed; the last one stays in force", cause);
        }
    }

    private void succeeded() {
        if (failing) {
            failing = false;
            LOG.info("The route table is followed again");
        }
    }

    private void breakOffSilence() {
        while (!closed) {
            try {
                Thread.sleep(PAUSE);
                if (isSilent()) {
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
