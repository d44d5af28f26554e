package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** The second task from upload to answers: a table of numbers and categories, some of them missing. */
@ExtendWith(SharedInstallation.class)
class TabularE2ET {
    /** Thirty rows of validation data are too few to say when to stop. */
    private static final Map<String, Object> RECIPE = Map.of("epochs", 60, "earlyStoppingPatience", 0);

    @Test
    void trainsATableAndServesExactlyWhatWasEvaluated(Installation installation) {
        Shop shop = Shop.open(installation.origin(), installation.operatorCredential());
        String version = shop.upload(shop.dataset("tabular-classification"), "orders.csv", Shop.orders(300, 5));
        JsonNode product = shop.product("tabular-classification");

        JsonNode job = shop.trainAndDeploy(product.get("id").asString(), version, RECIPE);

        String path = "/v1/products/" + product.get("slug").asString() + "/predict";
        Api customer = shop.customer(installation.origin());
        customer.awaitStatus(path, Map.of("inputs", Map.of("amount", 150, "channel", "outlet")), 200);
        EvaluatedRows evaluated =
                EvaluatedRows.of(installation, shop.ref(job.get("id").asString()));
        assertThat(evaluated.rows())
                .hasSize(job.at("/rows/TEST").asInt())
                .allSatisfy(row -> assertThat(row.input().propertyNames())
                        .isSubsetOf("amount", "items", "channel", "region")
                        .isNotEmpty());
        evaluated.assertServed(customer, path);
        assertThat(evaluated.accuracy())
                .isCloseTo(job.at("/evaluation/metrics/accuracy").asDouble(), within(1e-9));
        assertThat(job.at("/evaluation/metrics/rocAuc").asDouble()).isGreaterThan(0.8);
    }
}
