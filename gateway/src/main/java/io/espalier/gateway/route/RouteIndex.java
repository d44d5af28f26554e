package io.espalier.gateway.route;

import io.espalier.contracts.route.RouteTable;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** One route table, indexed; immutable. */
public final class RouteIndex {
    private record ProductName(UUID tenant, String slugOrId) {}

    private final RouteTable table;
    private final Map<String, RouteTable.ApiKey> keys = new HashMap<>();
    private final Map<ProductName, RouteTable.Product> products = new HashMap<>();

    RouteIndex(RouteTable table) {
        this.table = table;
        table.keys().forEach(key -> keys.put(key.sha256(), key));
        table.products().forEach(product -> products.put(new ProductName(product.tenant(), product.slug()), product));
        // Ids after slugs: a slug that looks like another product's id does not hide it.
        table.products()
                .forEach(product -> products.put(
                        new ProductName(product.tenant(), product.product().toString()), product));
    }

    public RouteTable table() {
        return table;
    }

    /**
     * The key with this hash. How long the look-up takes tells nothing: who chooses a key does not choose its hash.
     *
     * @param sha256 lower-case hex
     */
    public Optional<RouteTable.ApiKey> key(String sha256) {
        return Optional.ofNullable(keys.get(sha256));
    }

    /** Empty for another tenant's product exactly as for one that does not exist. */
    public Optional<RouteTable.Product> product(UUID tenant, String slugOrId) {
        return Optional.ofNullable(products.get(new ProductName(tenant, slugOrId)));
    }
}
