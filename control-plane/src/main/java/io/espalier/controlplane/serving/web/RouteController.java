package io.espalier.controlplane.serving.web;

import io.espalier.contracts.route.RouteTable;
import io.espalier.contracts.route.WorkerReport;
import io.espalier.controlplane.serving.InferenceWorkers;
import io.espalier.controlplane.serving.RouteTables;
import io.swagger.v3.oas.annotations.Hidden;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** What gateways and inference workers ask and tell, with the service credential; never routed from outside. */
@Hidden
@RestController
class RouteController {
    private static final Logger log = LoggerFactory.getLogger(RouteController.class);
    private static final Duration HEARTBEAT = Duration.ofSeconds(2);

    private final RouteTables tables;
    private final InferenceWorkers workers;
    private final JsonMapper json;
    private volatile boolean stopping;

    RouteController(RouteTables tables, InferenceWorkers workers, JsonMapper json) {
        this.tables = tables;
        this.workers = workers;
        this.json = json;
    }

    @EventListener(ContextClosedEvent.class)
    void stop() {
        stopping = true;
    }

    /** A request that stays, on its virtual thread: JSON Lines, as {@link RouteTable} says. */
    @GetMapping(RouteTable.PATH)
    void stream(HttpServletResponse response) throws InterruptedException {
        response.setContentType("application/jsonl");
        try {
            OutputStream out = response.getOutputStream();
            long sent = 0;
            while (!stopping) {
                Optional<RouteTable> table = tables.await(sent, HEARTBEAT);
                if (table.isPresent()) {
                    sent = table.get().version();
                    out.write(json.writeValueAsBytes(table.get()));
                }
                out.write('\n');
                out.flush();
            }
        } catch (IOException e) {
            log.debug("A reader of the route table is gone: {}", e.toString());
        }
    }

    @PutMapping("/internal/inference-workers/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void report(@PathVariable String id, @RequestBody WorkerReport report) {
        if (workers.report(id, report)) {
            tables.refresh();
        }
    }
}
