package io.espalier.contracts.route;

import java.net.URI;
import java.util.List;
import java.util.UUID;

/**
 * Everything that is needed to route predictions; immutable, each snapshot complete. Served by the control plane at
 * {@code GET /internal/route-table} as JSON Lines: one table at once, the next whenever something changed, and an empty
 * line every two seconds between, so that a reader knows that the stream lives.
 *
 * @param version grows with every change; only tables of one stream can be compared by it
 */
public record RouteTable(long version, List<ApiKey> keys, List<Product> products, List<Worker> workers) {
    public static final String PATH = "/internal/route-table";
    public static final RouteTable EMPTY = new RouteTable(0, List.of(), List.of(), List.of());

    /**
     * A key that is valid now.
     *
     * @param sha256 lower-case hex, over the whole key as the caller sends it
     */
    public record ApiKey(String sha256, UUID tenant, UUID key, int requestsPerMinute) {}

    /**
     * A product with its deployment.
     *
     * @param slug unique in the tenant; a caller may use it or the id
     * @param variants empty where nothing is deployed
     */
    public record Product(UUID tenant, UUID product, String slug, String task, List<Variant> variants) {}

    /**
     * A model version that serves.
     *
     * @param modelVersion counted from 1 in its product
     * @param weight share of the traffic, against the sum of the product's weights
     */
    public record Variant(UUID model, int modelVersion, Bundle bundle, int weight) {}

    /** @param sha256 lower-case hex; the name under which workers cache the bundle */
    public record Bundle(String sha256, String objectKey, long bytes) {}

    /** An inference worker that reported lately, with the bundles that it has loaded and warmed. */
    public record Worker(String id, URI address, List<String> readyBundles) {}

    /** For whoever authenticates nobody. */
    public RouteTable withoutKeys() {
        return new RouteTable(version, List.of(), products, workers);
    }
}
