package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** A key that is revoked in the control plane stops working at the gateway. */
@ExtendWith(SharedInstallation.class)
class RevocationE2ET {
    private static final Duration LIMIT = Duration.ofSeconds(5);

    @Test
    void refusesARevokedKeyWithinFiveSeconds(Installation installation) {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        JsonNode key = shop.api()
                .post("/api/api-keys", Map.of("name", "lost"))
                .expect(201)
                .json();
        Api customer = Api.withBearer(installation.origin(), key.get("key").asString());
        String path = "/v1/products/" + UUID.randomUUID() + "/predict";
        Map<String, Object> body = Map.of("inputs", "a");
        // Nothing of that name is there, but the key is known.
        customer.awaitStatus(path, body, 404);

        long revoked = System.nanoTime();
        shop.api().delete("/api/api-keys/" + key.get("id").asString()).expect(204);
        customer.awaitStatus(path, body, 401);

        assertThat(Duration.ofNanos(System.nanoTime() - revoked)).isLessThan(LIMIT);
    }
}
