package io.espalier.standalone.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;

/** {@code /health/live}, {@code /health/ready} and {@code /metrics} of a server that has none of its own. */
final class HealthEndpoints {
    private HealthEndpoints() {}

    /** Serves on the loopback address until the process ends. {@code ready} is asked on every request. */
    static void serve(int port, String process, BooleanSupplier ready) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        server.createContext("/health/live", exchange -> answer(exchange, 200, "text/plain", "live\n"));
        server.createContext("/health/ready", exchange -> {
            boolean yes = ready.getAsBoolean();
            answer(exchange, yes ? 200 : 503, "text/plain", yes ? "ready\n" : "starting\n");
        });
        server.createContext(
                "/metrics",
                exchange -> answer(exchange, 200, "text/plain; version=0.0.4", metrics(process, ready.getAsBoolean())));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    private static String metrics(String process, boolean ready) {
        var memory = ManagementFactory.getMemoryMXBean();
        var runtime = ManagementFactory.getRuntimeMXBean();
        String label = "{process=\"" + process + "\"}";
        return """
                # HELP espalier_ready Whether the server answers
                # TYPE espalier_ready gauge
                espalier_ready%1$s %2$d
                # HELP process_start_time_seconds Start of the process since the epoch
                # TYPE process_start_time_seconds gauge
                process_start_time_seconds%1$s %3$.3f
                # HELP jvm_memory_used_bytes Heap in use
                # TYPE jvm_memory_used_bytes gauge
                jvm_memory_used_bytes%1$s %4$d
                """.formatted(
                        label,
                        ready ? 1 : 0,
                        runtime.getStartTime() / 1000.0,
                        memory.getHeapMemoryUsage().getUsed());
    }

    private static void answer(HttpExchange exchange, int status, String type, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
