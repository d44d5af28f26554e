package io.espalier.controlplane.event.web;

import io.espalier.contracts.route.EventPoll;
import io.espalier.controlplane.event.ProductEvents;
import io.espalier.controlplane.platform.TenantContext;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Where gateways bring events and inference workers ask for them, with the service credential; never routed from outside. */
@Hidden
@RestController
class EventController {
    private final ProductEvents events;

    EventController(ProductEvents events) {
        this.events = events;
    }

    /** 200 where the next answers follow the events, 202 where they soon will. */
    @PostMapping("/internal/tenants/{tenant}/products/{product}/events/{kind}")
    ResponseEntity<ProductEvents.Receipt> addEvents(
            @PathVariable UUID tenant,
            @PathVariable UUID product,
            @PathVariable String kind,
            @RequestBody JsonNode body) {
        var receipt = TenantContext.call(tenant, () -> events.add(tenant, product, kind, body));
        return ResponseEntity.status(receipt.applied() ? HttpStatus.OK : HttpStatus.ACCEPTED)
                .body(receipt);
    }

    /** A request that stays a while, on its virtual thread. */
    @PostMapping("/internal/inference-workers/{id}/events")
    EventPoll.Answer pollEvents(@PathVariable String id, @RequestBody EventPoll poll) throws InterruptedException {
        return events.poll(id, poll);
    }
}
