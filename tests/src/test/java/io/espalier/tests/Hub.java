package io.espalier.tests;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** A model hub with the models that libraries saved for the tests of imports, as {@code acme/NAME}. */
final class Hub implements AutoCloseable {
    static final Path IMPORTS = Path.of("../training-worker/src/test/resources/imports");
    static final String COMMIT = "0123456789abcdef0123456789abcdef01234567";

    private final HttpServer server;

    private Hub(HttpServer server) {
        this.server = server;
    }

    static Hub start() {
        HttpServer server;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/api/models/acme/", Hub::list);
        server.createContext("/acme/", Hub::file);
        server.start();
        return new Hub(server);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** {@code /api/models/acme/NAME/revision/main} */
    private static void list(HttpExchange exchange) throws IOException {
        String name = exchange.getRequestURI().getPath().split("/")[4];
        try (var files = Files.list(IMPORTS.resolve(name))) {
            answer(
                    exchange,
                    Api.JSON.writeValueAsBytes(Map.of(
                            "sha",
                            COMMIT,
                            "siblings",
                            files.map(file -> Map.of(
                                            "rfilename", file.getFileName().toString()))
                                    .collect(Collectors.toList()))));
        }
    }

    /** {@code /acme/NAME/resolve/COMMIT/FILE} */
    private static void file(HttpExchange exchange) throws IOException {
        String[] path = exchange.getRequestURI().getPath().split("/");
        answer(exchange, Files.readAllBytes(IMPORTS.resolve(path[2]).resolve(path[5])));
    }

    private static void answer(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
