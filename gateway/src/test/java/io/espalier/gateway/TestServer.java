package io.espalier.gateway;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A real HTTP server that plays one of the servers behind the gateway, and remembers what reached it. */
class TestServer implements AutoCloseable {
    /** @param target as it stood in the request line */
    record Received(String method, String target, Headers headers) {
        String header(String name) {
            return headers.getFirst(name);
        }
    }

    interface Handler {
        void handle(HttpExchange exchange) throws Exception;
    }

    final List<Received> received = new CopyOnWriteArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    TestServer() {
        this(0);
    }

    TestServer(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.start();
    }

    TestServer on(String path, Handler handler) {
        server.createContext(path, exchange -> {
            var target = exchange.getRequestURI();
            received.add(new Received(exchange.getRequestMethod(), target.toString(), exchange.getRequestHeaders()));
            try (exchange) {
                handler.handle(exchange);
            } catch (Exception e) {
                // The gateway or the test went away; the connection ends with it.
            }
        });
        return this;
    }

    static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("content-type", type);
        exchange.sendResponseHeaders(
                status, bytes.length == 0 || exchange.getRequestMethod().equals("HEAD") ? -1 : bytes.length);
        if (bytes.length > 0 && !exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseBody().write(bytes);
        }
    }

    List<Received> receivedAt(String prefix) {
        return received.stream()
                .filter(request -> request.target().startsWith(prefix))
                .toList();
    }

    int port() {
        return server.getAddress().getPort();
    }

    URI uri() {
        return URI.create("http://127.0.0.1:" + port());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
