package io.espalier.controlplane.training;

import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/** Whether jobs move: part of readiness. */
@Component
class TemporalHealthIndicator implements HealthIndicator {
    private final TemporalWorker worker;

    TemporalHealthIndicator(TemporalWorker worker) {
        this.worker = worker;
    }

    @Override
    public Health health() {
        return worker.isPolling()
                ? Health.up().build()
                : Health.down()
                        .withDetail("reason", "Temporal has not been reached yet")
                        .build();
    }
}
