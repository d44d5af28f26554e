package io.espalier.gateway;

import com.sun.net.httpserver.HttpExchange;
import io.espalier.contracts.route.RouteTable;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.json.JsonMapper;

/** Streams the route table that a test sets, and has a few routes like those of the real one. */
final class PlayedControlPlane extends TestServer {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    final AtomicLong uploaded = new AtomicLong();
    final CountDownLatch nextEvent = new CountDownLatch(1);
    private volatile RouteTable table;
    private volatile boolean closed;

    PlayedControlPlane(RouteTable table) {
        this(0, table);
    }

    PlayedControlPlane(int port, RouteTable table) {
        super(port);
        this.table = table;
        on(RouteTable.PATH, this::streamTables);
        on("/internal/secret", exchange -> answer(exchange, 200, "text/plain", "secret"));
        on("/actuator", exchange -> answer(exchange, 200, "text/plain", "secret"));
        on("/metrics", exchange -> answer(exchange, 200, "text/plain", "secret"));
        on("/api/", exchange -> {
            exchange.getResponseHeaders().add("set-cookie", "espalier_session=s; HttpOnly");
            exchange.getResponseHeaders().set("x-request-id", "its-own");
            exchange.getResponseHeaders().set("server", "played");
            answer(exchange, 200, "application/json", "{\"ok\":true}");
        });
        on("/api/upload", exchange -> {
            uploaded.set(drain(exchange.getRequestBody()));
            answer(exchange, 201, "application/json", "{}");
        });
        on("/api/download", exchange -> send(exchange, 100L << 20));
        on("/api/events", this::events);
        on("/", exchange -> answer(exchange, 200, "text/html", "<h1>Espalier</h1>"));
    }

    void publish(RouteTable next) {
        table = next;
    }

    private void streamTables(HttpExchange exchange) throws Exception {
        if (!("Bearer " + Fixture.SERVICE_CREDENTIAL)
                .equals(exchange.getRequestHeaders().getFirst("authorization"))) {
            answer(exchange, 401, "text/plain", "");
            return;
        }
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        RouteTable sent = null;
        while (!closed) {
            RouteTable now = table;
            if (now != sent) {
                out.write(JSON.writeValueAsBytes(now));
                sent = now;
            }
            out.write('\n');
            out.flush();
            Thread.sleep(20);
        }
    }

    private void events(HttpExchange exchange) throws Exception {
        exchange.getResponseHeaders().set("content-type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        OutputStream out = exchange.getResponseBody();
        out.write("id: 1\ndata: first\n\n".getBytes());
        out.flush();
        nextEvent.await();
        out.write("id: 2\ndata: second\n\n".getBytes());
    }

    static long drain(InputStream in) throws Exception {
        byte[] buffer = new byte[1 << 16];
        long total = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            total += read;
        }
        return total;
    }

    static void send(HttpExchange exchange, long bytes) throws Exception {
        exchange.sendResponseHeaders(200, bytes);
        byte[] piece = new byte[1 << 16];
        for (long sent = 0; sent < bytes; sent += piece.length) {
            exchange.getResponseBody().write(piece, 0, (int) Math.min(piece.length, bytes - sent));
        }
    }

    @Override
    public void close() {
        closed = true;
        super.close();
    }
}
