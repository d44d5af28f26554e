package io.espalier.controlplane.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.FakeWorker;
import io.espalier.controlplane.fixture.Story;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

@ControlPlaneTest
@Timeout(90)
class ProductMatrixIT {
    private static final String PATH = "/api/matrix";

    @AutoClose
    private static final FakeWorker worker = new FakeWorker();

    @LocalServerPort
    private int port;

    private Caller caller;
    private Story story;

    @BeforeEach
    void openATenant() {
        caller = Caller.ofNewTenant(port);
        story = new Story(caller);
    }

    private JsonNode line(int index) {
        return caller.get(PATH).expect(200).body().path("items").path(index);
    }

    @Test
    void showsAProductBeforeItsFirstVersion() {
        String product = story.product();

        JsonNode line = line(0);

        assertThat(line.path("id").asString()).isEqualTo(product);
        assertThat(line.path("slug").asString()).isEqualTo("intents");
        assertThat(line.path("task").asString()).isEqualTo("text-classification");
        assertThat(line.path("baseModel").asString()).isEqualTo("all-MiniLM-L6-v2");
        assertThat(line.path("primaryMetric").asString()).isEqualTo("accuracy");
        assertThat(line.has("version")).isFalse();
        assertThat(line.path("history").size()).isZero();
        assertThat(line.has("changedAt")).isTrue();
    }

    @Test
    void comparesProductsByTheirPrimaryMetrics() {
        String product = story.product();
        String data = story.readyVersion();
        caller.awaitState(story.job(product, data), "SUCCEEDED");
        caller.awaitState(story.job(product, data), "SUCCEEDED");
        caller.post("/api/products", Map.of("name", "Churn", "task", "tabular-classification"))
                .expect(201);

        JsonNode line = line(1);

        assertThat(line(0).path("primaryMetric").asString()).isEqualTo("rocAuc");
        assertThat(line.at("/version/number").asInt()).isEqualTo(2);
        assertThat(line.at("/version/deployed").asBoolean()).isFalse();
        assertThat(line.at("/version/metric").asDouble()).isEqualTo(.9);
        assertThat(line.at("/version/testRows").asInt()).isEqualTo(2);
        assertThat(line.at("/version/latencyMillis").asDouble()).isEqualTo(1.5);
        assertThat(line.at("/version/data").asString()).isEqualTo("Messages, version 1");
        assertThat(line.at("/version/precision").asString()).isEqualTo("int8");
        assertThat(line.at("/version/bytes").asInt()).isEqualTo(FakeWorker.BUNDLE.length);
        assertThat(line.path("history").size()).isEqualTo(2);
        assertThat(line.at("/history/0/version").asInt()).isEqualTo(1);
    }

    @Test
    void showsWhatIsDeployedBeforeWhatIsNewest() {
        String product = story.product();
        String data = story.readyVersion();
        caller.awaitState(story.job(product, data), "SUCCEEDED");
        caller.put("/api/products/" + product + "/deployment", Map.of("version", 1))
                .expect(200);
        caller.awaitState(story.job(product, data), "SUCCEEDED");

        JsonNode line = line(0);

        assertThat(line.at("/version/number").asInt()).isEqualTo(1);
        assertThat(line.at("/version/deployed").asBoolean()).isTrue();
        assertThat(line.at("/history/1/version").asInt()).isEqualTo(2);
    }

    @Test
    void isATenantsOwnAndComesInPages() {
        story.product();
        story.product();

        var first = caller.get(PATH + "?limit=1").expect(200);
        var second = caller.get(PATH + "?limit=1&cursor=" + first.string("nextCursor"))
                .expect(200);

        assertThat(first.body().at("/items/0/slug").asString()).isEqualTo("intents-2");
        assertThat(second.body().at("/items/0/slug").asString()).isEqualTo("intents");
        assertThat(second.body().has("nextCursor")).isFalse();
        assertThat(Caller.ofNewTenant(port)
                        .get(PATH)
                        .expect(200)
                        .body()
                        .path("items")
                        .size())
                .isZero();
    }
}
