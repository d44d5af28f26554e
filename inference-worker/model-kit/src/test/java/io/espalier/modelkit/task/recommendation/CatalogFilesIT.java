package io.espalier.modelkit.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.modelkit.bundle.InvalidBundleException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CatalogFilesIT {
    @TempDir
    Path folder;

    private static List<String> sorted(Stream<String> ids) {
        return ids.sorted((a, b) ->
                        Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8)))
                .toList();
    }

    @Test
    void findsEveryIdWhereItStandsAndNoOther() throws IOException {
        List<String> ids = sorted(Stream.concat(
                IntStream.range(0, 1000).mapToObj(i -> "sku-" + i * 7),
                Stream.of("", "ü", "\uD83D\uDE00", "商品", "a b", "A", "z".repeat(200))));
        Path file = folder.resolve("items.ids");
        IdTable.write(file, ids);

        try (Arena arena = Arena.ofConfined()) {
            IdTable table = IdTable.open(file, arena);

            assertThat(table.size()).isEqualTo(ids.size());
            for (int i = 0; i < ids.size(); i++) {
                assertThat(table.find(ids.get(i))).isEqualTo(i);
                assertThat(table.id(i)).isEqualTo(ids.get(i));
            }
            assertThat(table.find("sku-1")).isNegative();
            assertThat(table.find("zz")).isNegative();
            assertThat(table.find("\u0000")).isNegative();
        }
    }

    @Test
    void findsNothingInAnEmptyTable() throws IOException {
        Path file = folder.resolve("users.ids");
        IdTable.write(file, List.of());

        try (Arena arena = Arena.ofConfined()) {
            assertThat(IdTable.open(file, arena).find("a")).isNegative();
        }
    }

    @Test
    void keepsHistoriesInTheirOrder() throws IOException {
        Path file = folder.resolve("histories.bin");
        Histories.write(file, new int[] {0, 2, 2, 5}, new int[] {7, 3, 9, 1, 9, 99});

        try (Arena arena = Arena.ofConfined()) {
            Histories histories = Histories.open(file, arena);

            assertThat(histories.users()).isEqualTo(3);
            assertThat(histories.of(0)).containsExactly(7, 3);
            assertThat(histories.of(1)).isEmpty();
            assertThat(histories.of(2)).containsExactly(9, 1, 9);
        }
    }

    @Test
    void saysWhichFileIsMissing() {
        try (Arena arena = Arena.ofConfined()) {
            assertThatThrownBy(() -> IdTable.open(folder.resolve("items.ids"), arena))
                    .isInstanceOf(InvalidBundleException.class)
                    .hasMessage("The bundle's items.ids cannot be read.");
        }
    }

    @Test
    void ranksTheBestFewEqualOnesInTheirOrder() {
        float[] scores = {.1f, .9f, Float.NEGATIVE_INFINITY, .5f, .9f, .5f, -3, .5f};

        assertThat(Ranking.best(scores, null, 4)).containsExactly(1, 4, 3, 5);
        assertThat(Ranking.best(scores, null, 100)).containsExactly(1, 4, 3, 5, 7, 0, 6);
        assertThat(Ranking.best(new float[0], null, 3)).isEmpty();
    }

    @Test
    void ranksTheItemsThatAreWantedAndNoOthers() {
        float[] scores = new float[200];
        for (int item = 0; item < scores.length; item++) {
            scores[item] = item;
        }
        BitSet wanted = new BitSet();
        IntStream.of(0, 5, 62, 63, 64, 127, 128, 199).forEach(wanted::set);

        assertThat(Ranking.best(scores, wanted, 3)).containsExactly(199, 128, 127);
        assertThat(Ranking.best(scores, wanted, 100)).containsExactly(199, 128, 127, 64, 63, 62, 5, 0);
        assertThat(Ranking.best(scores, new BitSet(), 3)).isEmpty();
    }
}
