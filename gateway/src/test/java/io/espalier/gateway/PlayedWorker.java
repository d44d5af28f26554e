package io.espalier.gateway;

import com.sun.net.httpserver.HttpExchange;
import io.espalier.contracts.route.RouteTable;
import java.io.IOException;
import java.util.List;

/** Answers predictions as the contract says, or as a test wants. */
final class PlayedWorker extends TestServer {
    static final String ANSWER = "[{\"label\":\"refund\",\"score\":0.9}]";

    final String id;
    volatile boolean ready = true;
    volatile boolean breaksChecks;
    volatile Handler predict = exchange -> answer(exchange, 200, "application/json", ANSWER);

    PlayedWorker(String id) {
        this(id, 0);
    }

    PlayedWorker(String id, int port) {
        super(port);
        this.id = id;
        on("/health/ready", exchange -> {
            if (breaksChecks) {
                breaksChecks = false;
                throw new IOException("broken off");
            }
            answer(exchange, ready ? 200 : 503, "application/json", "{}");
        });
        on("/internal/bundles/", this::predict);
    }

    private void predict(HttpExchange exchange) throws Exception {
        predict.handle(exchange);
    }

    long predictions() {
        return receivedAt("/internal/bundles/").size();
    }

    RouteTable.Worker listing(String... bundles) {
        return new RouteTable.Worker(id, uri(), List.of(bundles));
    }
}
