package io.espalier.controlplane.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.route.RouteTable;
import io.espalier.controlplane.fixture.Caller;
import io.espalier.controlplane.fixture.ControlPlaneTest;
import io.espalier.controlplane.fixture.RouteTableReader;
import io.espalier.controlplane.fixture.Story;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.test.web.server.LocalServerPort;

@ControlPlaneTest
@Timeout(90)
class ProductIT {
    private static final String PATH = "/api/products";

    @LocalServerPort
    private int port;

    private Caller caller;

    @BeforeEach
    void logIn() {
        caller = Caller.ofNewTenant(port);
    }

    private Caller.Answer make(String name) {
        return caller.post(PATH, Map.of("name", name, "task", "text-classification"));
    }

    @Test
    void getsTheDefaultsOfItsTask() {
        var text = make(" Support intents ").expect(201);
        var tabular = caller.post(PATH, Map.of("name", "Churn", "task", "tabular-classification"))
                .expect(201);

        assertThat(text.headers()).containsEntry("location", PATH + "/" + text.string("id"));
        assertThat(text.string("name")).isEqualTo("Support intents");
        assertThat(text.string("slug")).isEqualTo("support-intents");
        assertThat(text.string("baseModel")).isEqualTo("all-MiniLM-L6-v2");
        assertThat(tabular.body().has("baseModel")).isFalse();
        assertThat(caller.get(PATH + "/" + text.string("id")).expect(200).body())
                .isEqualTo(text.body());
    }

    @Test
    void takesSlugAndBaseModelAsWished() {
        var made = caller.post(
                        PATH,
                        Map.of(
                                "name",
                                "Intents",
                                "slug",
                                "a",
                                "task",
                                "text-classification",
                                "baseModel",
                                "bge-small-zh-v1.5"))
                .expect(201);

        assertThat(made.string("slug")).isEqualTo("a");
        assertThat(made.string("baseModel")).isEqualTo("bge-small-zh-v1.5");
    }

    @Test
    void makesAFreeSlugOfAnyName() {
        assertThat(make("Prüfung & Größe!").expect(201).string("slug")).isEqualTo("prufung-gro-e");
        assertThat(make("prufung GRO e").expect(201).string("slug")).isEqualTo("prufung-gro-e-2");
        assertThat(make("客服意图").expect(201).string("slug")).isEqualTo("product");
        assertThat(make("🙂").expect(201).string("slug")).isEqualTo("product-2");
        assertThat(make("x".repeat(39) + " y").expect(201).string("slug")).isEqualTo("x".repeat(39));
    }

    @Test
    void keepsSlugsApartInATenantOnly() {
        var wish = Map.of("name", "Intents", "slug", "intents", "task", "text-classification");
        caller.post(PATH, wish).expect(201);

        var taken = caller.post(PATH, wish).expect(409);

        assertThat(taken.body().at("/errors/0/field").asString()).isEqualTo("slug");
        assertThat(caller.get(PATH).body().path("items").size()).isEqualTo(1);
        Caller.ofNewTenant(port).post(PATH, wish).expect(201);
    }

    @Test
    void namesEverythingThatIsWrongWithAWish() {
        for (String slug : List.of("", "-a", "a-", "A", "a_b", "a".repeat(64), "../b")) {
            assertThat(fields(Map.of("name", "x", "slug", slug, "task", "text-classification")))
                    .as(slug)
                    .containsExactly("slug");
        }
        assertThat(fields(Map.of("name", "x", "slug", "-", "task", "painting"))).containsExactly("task", "slug");
        assertThat(fields(Map.of("name", "x", "task", "text-classification", "baseModel", "gpt")))
                .containsExactly("baseModel");
        assertThat(fields(Map.of("name", "x", "task", "tabular-classification", "baseModel", "all-MiniLM-L6-v2")))
                .containsExactly("baseModel");
        assertThat(fields(Map.of("name", "\u0000"))).containsExactly("name", "task");
        assertThat(fields(Map.of("name", "x".repeat(201), "task", "text-classification")))
                .containsExactly("name");
        assertThat(caller.get(PATH).body().path("items").size()).isZero();
    }

    private List<String> fields(Map<String, String> wish) {
        return caller.post(PATH, wish).expect(422).body().path("errors").findValuesAsString("field");
    }

    @Test
    void isListedNewestFirstByPages() {
        List<String> made = List.of(
                make("One").string("id"),
                make("Two").string("id"),
                make("Three").string("id"));

        var first = caller.get(PATH + "?limit=2").expect(200);
        var second = caller.get(PATH + "?limit=2&cursor=" + first.string("nextCursor"))
                .expect(200);

        assertThat(first.body().path("items").findValuesAsString("id")).containsExactly(made.get(2), made.get(1));
        assertThat(second.body().path("items").findValuesAsString("id")).containsExactly(made.get(0));
        assertThat(second.body().has("nextCursor")).isFalse();
        caller.get(PATH + "?cursor=nonsense").expect(422);
        caller.get(PATH + "?limit=0").expect(422);
    }

    @Test
    void isKnownToTheGatewaysUntilItIsDeleted() {
        try (var routes = new RouteTableReader(port)) {
            UUID id = UUID.fromString(make("Intents").expect(201).string("id"));

            var table = routes.await(newest -> product(newest, id) != null);

            assertThat(product(table, id))
                    .isEqualTo(
                            new RouteTable.Product(caller.tenant(), id, "intents", "text-classification", List.of()));
            caller.delete(PATH + "/" + id).expect(204);
            routes.await(newest -> product(newest, id) == null);
            caller.get(PATH + "/" + id).expect(404);
            caller.delete(PATH + "/" + id).expect(404);
        }
    }

    private static RouteTable.Product product(RouteTable table, UUID id) {
        return table.products().stream()
                .filter(product -> product.product().equals(id))
                .findFirst()
                .orElse(null);
    }

    @Test
    void isNothingToAnotherTenant() {
        String path = PATH + "/" + new Story(caller).product();
        String nobodys = PATH + "/" + UUID.randomUUID();
        Caller stranger = Caller.ofNewTenant(port);

        for (String rest : List.of("", "/versions", "/versions/1", "/versions/1/bundle", "/deployment")) {
            var foreign = stranger.get(path + rest).expect(404);
            assertThat(foreign.string("detail"))
                    .isEqualTo(stranger.get(nobodys + rest).string("detail"));
        }
        stranger.delete(path).expect(404);
        stranger.put(path + "/deployment", Map.of("version", 1)).expect(404);
        stranger.post(path + "/deployment/rollback").expect(404);
        stranger.delete(path + "/deployment").expect(404);

        assertThat(stranger.get(PATH).body().path("items").size()).isZero();
        caller.get(path).expect(200);
        // What is no id is the id of nothing.
        caller.get(PATH + "/intents").expect(404);
    }

    @Test
    void choosesFromTheCatalog() {
        var tasks = caller.get("/api/tasks").expect(200).body().path("items");
        var models = caller.get("/api/base-models").expect(200);

        assertThat(tasks.findValuesAsString("name")).contains("text-classification", "tabular-classification");
        assertThat(caller.get("/api/tasks/text-classification").expect(200).string("name"))
                .isEqualTo("text-classification");
        caller.get("/api/tasks/painting").expect(404);
        assertThat(models.body().path("items").findValuesAsString("name"))
                .containsExactlyInAnyOrder("all-MiniLM-L6-v2", "bge-small-zh-v1.5");
        assertThat(models.body().path("items").findValuesAsString("licence"))
                .containsExactlyInAnyOrder("Apache-2.0", "MIT");
        assertThat(models.text()).doesNotContain("platform/");
    }
}
