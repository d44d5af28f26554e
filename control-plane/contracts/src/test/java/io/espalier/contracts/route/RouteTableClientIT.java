package io.espalier.contracts.route;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RouteTableClientIT {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private interface Stream {
        void to(HttpExchange exchange, int number) throws Exception;
    }

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger streams = new AtomicInteger();
    private final BlockingQueue<Long> heard = new LinkedBlockingQueue<>();
    private HttpServer controlPlane;

    @BeforeEach
    void listen() throws IOException {
        controlPlane = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        controlPlane.setExecutor(threads);
        controlPlane.start();
    }

    @AfterEach
    void close() {
        controlPlane.stop(0);
        threads.shutdownNow();
    }

    @Test
    void takesTheFirstTableOfAStreamWhateverItsVersionAndThenOnlyNewerOnes() throws Exception {
        answer((exchange, number) -> send(exchange, number == 1 ? List.of(50L, 40L, 60L) : List.of(7L)));

        try (var _ = client(Duration.ofSeconds(10))) {
            assertThat(List.of(next(), next(), next())).containsExactly(50L, 60L, 7L);
        }
    }

    @Test
    void asksAgainWhereTheAnswerDoesNotBegin() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        answer((exchange, number) -> {
            if (number == 1) {
                never.await();
            }
            send(exchange, List.of(1L));
        });

        try (var _ = client(Duration.ofMillis(100))) {
            assertThat(next()).isEqualTo(1);
        }
    }

    private void answer(Stream stream) {
        controlPlane.createContext(RouteTable.PATH, exchange -> {
            try (exchange) {
                stream.to(exchange, streams.incrementAndGet());
            } catch (Exception e) {
                // The client or the test went away.
            }
        });
    }

    private static void send(HttpExchange exchange, List<Long> versions) throws IOException {
        exchange.sendResponseHeaders(200, 0);
        for (long version : versions) {
            exchange.getResponseBody()
                    .write(JSON.writeValueAsBytes(new RouteTable(version, List.of(), List.of(), List.of())));
            exchange.getResponseBody().write('\n');
        }
    }

    private RouteTableClient client(Duration silence) {
        URI uri = URI.create("http://127.0.0.1:" + controlPlane.getAddress().getPort());
        return new RouteTableClient(uri, "credential", table -> heard.add(table.version()), silence).start();
    }

    private long next() throws InterruptedException {
        Long version = heard.poll(15, TimeUnit.SECONDS);
        assertThat(version).as("a table within 15 s").isNotNull();
        return version;
    }
}
