package io.espalier.contracts.route;

import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Sent by an inference worker to {@code PUT /internal/inference-workers/{id}} every two seconds and whenever a bundle
 * becomes ready. A worker that is silent for ten seconds leaves the route table.
 *
 * @param failedBundles why a deployed bundle could not be loaded, by its hash
 */
public record WorkerReport(URI address, List<String> readyBundles, Map<String, String> failedBundles) {
    public WorkerReport {
        Objects.requireNonNull(address, "address");
        readyBundles = List.copyOf(readyBundles);
        failedBundles = Map.copyOf(failedBundles);
    }
}
