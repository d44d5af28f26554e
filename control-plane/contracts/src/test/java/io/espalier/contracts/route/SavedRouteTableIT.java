package io.espalier.contracts.route;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SavedRouteTableIT {
    private static final UUID ID = new UUID(0, 1);

    @TempDir
    Path folder;

    @Test
    void readsBackWhatItWrote() {
        RouteTable table = table();

        saved().write(table);

        assertThat(saved().read()).contains(table);
    }

    @ParameterizedTest
    @ValueSource(strings = {"keys", "workers", "variants", "bundle", "requestsPerMinute", "readyBundles"})
    void leavesATableAsideThatLacksAField(String field) throws IOException {
        saved().write(table());
        String whole = Files.readString(file());

        Files.writeString(file(), whole.replace("\"" + field + "\"", "\"another\""));

        assertThat(whole).contains("\"" + field + "\"");
        assertThat(saved().read()).isEmpty();
    }

    private static RouteTable table() {
        var variant = new RouteTable.Variant(ID, 1, new RouteTable.Bundle("ab", "key", 1), 1);
        return new RouteTable(
                3,
                List.of(new RouteTable.ApiKey("cd", ID, ID, 60)),
                List.of(new RouteTable.Product(ID, ID, "inbox", "text-classification", List.of(variant))),
                List.of(new RouteTable.Worker("one", URI.create("http://127.0.0.1:1"), List.of("ab"))));
    }

    private SavedRouteTable saved() {
        return new SavedRouteTable(file());
    }

    private Path file() {
        return folder.resolve("route-table.json");
    }
}
