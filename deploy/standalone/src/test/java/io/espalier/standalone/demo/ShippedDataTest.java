package io.espalier.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ShippedDataTest {
    private record Row(String text, String intent, String split) {
        Set<String> words() {
            return Set.copyOf(Arrays.asList(text.toLowerCase(Locale.ROOT).split("\\W+")));
        }
    }

    private final List<Row> rows = read();

    @Test
    void hasEnoughMessagesOfEnoughIntentsAndAHeldOutPart() {
        assertThat(rows).hasSizeGreaterThanOrEqualTo(600);
        assertThat(rows.stream().map(Row::intent).distinct()).hasSizeGreaterThanOrEqualTo(6);
        assertThat(rows.stream().collect(Collectors.groupingBy(Row::split, Collectors.counting())))
                .containsOnlyKeys("train", "validation", "test")
                .allSatisfy((split, count) -> assertThat(count).as(split).isGreaterThan(80));
    }

    @Test
    void saysNothingTwice() {
        List<String> copies = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (similarity(rows.get(i).words(), rows.get(j).words()) > 0.6) {
                    copies.add(rows.get(i).text() + " ~ " + rows.get(j).text());
                }
            }
        }

        assertThat(copies).isEmpty();
    }

    /** Shared words over all words (Jaccard). */
    private static double similarity(Set<String> one, Set<String> other) {
        Set<String> shared = new HashSet<>(one);
        shared.retainAll(other);
        return shared.size() / (double) (one.size() + other.size() - shared.size());
    }

    private static List<Row> read() {
        try (var in = ShippedDataTest.class.getResourceAsStream("/demo/shop-messages.csv")) {
            assertThat(in).isNotNull();
            return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** RFC 4180, as far as this file goes: quoted fields, doubled quotes, newlines in quotes. */
    private static List<Row> parse(String csv) {
        List<Row> rows = new ArrayList<>();
        List<String> fields = new ArrayList<>();
        StringBuilder field = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < csv.length(); i++) {
            char c = csv.charAt(i);
            if (c == '"') {
                if (quoted && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
                    field.append(c);
                    i++;
                } else {
                    quoted = !quoted;
                }
            } else if (!quoted && (c == ',' || c == '\n')) {
                fields.add(field.toString());
                field.setLength(0);
                if (c == '\n') {
                    rows.add(new Row(fields.get(0), fields.get(1), fields.get(2)));
                    fields.clear();
                }
            } else {
                field.append(c);
            }
        }
        return rows.subList(1, rows.size());
    }
}
