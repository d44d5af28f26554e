package io.espalier.training.task.recommendation;

import io.espalier.modelkit.task.recommendation.ItemAttributes;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Column;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Kind;
import io.espalier.modelkit.task.recommendation.ItemVectors;
import io.espalier.training.program.Functions;
import io.espalier.training.program.Functions.Handle;
import io.espalier.training.task.recommendation.RankingModel.Neighbourhood;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What items, or users, are like, by what is said of them: texts through an encoder, categories and numbers side by side, each in a
 * part of its own that weighs as much as the others, and of that the directions in which they differ most. They are alike where their
 * vectors are near.
 */
final class Likeness {
    private static final int WIDTH = 64;
    /** Of a column; rarer ones say the same of fewer items than are asked for. */
    private static final int MOST_CATEGORIES = 500;
    /** Of all columns of categories; the square of what is said is computed. */
    private static final int MOST_CATEGORIES_IN_ALL = 3000;
    /** Of those among which the nearest are looked for; as many spread over all are as near. */
    private static final int MOST_COMPARED = 100_000;
    /** Items that the directions are found by. */
    private static final int SAMPLE = 4096;

    private static final int BLOCK = 1024;
    /** Numbers of a block of distances. */
    private static final int DISTANCES = 1 << 23;
    /** A number that is one standard deviation away differs as much as half a category does. */
    private static final float NUMBER_WEIGHT = 0.5f;

    private static final double MOST_DEVIATIONS = 3;
    private final Functions functions;
    /** [catalog, width]; zero where nothing is said. */
    private final float[] vectors;

    private final int catalog;
    private final int width;

    private Likeness(Functions functions, float[] vectors, int catalog) {
        this.functions = functions;
        this.vectors = vectors;
        this.catalog = catalog;
        this.width = vectors.length / catalog;
    }

    /**
     * Reads what is said.
     *
     * @param functions outlives this
     * @param encoder of texts; without one they are not read
     * @param progress hears of the share that is done
     */
    static Likeness of(
            Path attributes,
            int catalog,
            Functions functions,
            @Nullable SentenceEncoder encoder,
            DoubleConsumer progress) {
        Features features = new Features(attributes, encoder);
        int items = features.rows.size();
        int step = Math.max(1, (items + SAMPLE - 1) / SAMPLE);
        int[] sample = IntStream.iterate(0, i -> i < items, i -> i + step).toArray();
        int width = Math.min(WIDTH, features.width());
        float[] vectors = new float[Math.multiplyExact(catalog, Math.max(1, width))];
        if (items == 0 || width == 0) {
            return new Likeness(functions, vectors, catalog);
        }
        float[] ofSample = features.of(sample);
        try (Handle seen = functions.floats(ofSample, sample.length, features.width());
                Handle directions = functions.call("principal", seen, width)) {
            for (int from = 0; from < items; from += BLOCK) {
                int[] block =
                        IntStream.range(from, Math.min(items, from + BLOCK)).toArray();
                // Where the sample is all of them, none is read twice.
                float[] values = step == 1
                        ? Arrays.copyOfRange(
                                ofSample, from * features.width(), (from + block.length) * features.width())
                        : features.of(block);
                try (Handle read = functions.floats(values, block.length, features.width());
                        Handle projected = functions.call("projected", read, directions)) {
                    float[] along = projected.copy().values();
                    for (int i = 0; i < block.length; i++) {
                        System.arraycopy(along, i * width, vectors, features.items.get(block[i]) * width, width);
                    }
                }
                progress.accept((from + block.length) / (double) items);
            }
        }
        return new Likeness(functions, vectors, catalog);
    }

    /** The rows of items that something is said of, and numbers for them. */
    private static final class Features {
        private final @Nullable SentenceEncoder encoder;
        private final List<Integer> items = new ArrayList<>();
        private final List<List<@Nullable String>> rows = new ArrayList<>();
        private final List<Integer> texts = new ArrayList<>();
        private final List<Category> categories = new ArrayList<>();
        private final List<Amount> amounts = new ArrayList<>();

        /** Where the values of a column of categories stand among each other. */
        private record Category(int column, Map<String, Integer> places) {}

        private record Amount(int column, double mean, double deviation) {}

        Features(Path attributes, @Nullable SentenceEncoder encoder) {
            this.encoder = encoder;
            List<Column> columns = ItemAttributes.read(attributes, (item, cells) -> {
                if (cells != null && cells.stream().anyMatch(cell -> cell != null)) {
                    items.add(item);
                    rows.add(cells);
                }
            });
            long ofCategories = columns.stream()
                    .filter(column -> column.kind() == Kind.CATEGORIES)
                    .count();
            int most = (int) Math.min(MOST_CATEGORIES, MOST_CATEGORIES_IN_ALL / Math.max(1, ofCategories));
            for (int i = 0; i < columns.size(); i++) {
                Kind kind = columns.get(i).kind();
                if (kind == Kind.CATEGORIES) {
                    categories.add(new Category(i, places(i, most)));
                } else if (kind == Kind.NUMBER) {
                    amounts.add(amount(i));
                } else if (encoder != null) {
                    texts.add(i);
                }
            }
        }

        private Map<String, Integer> places(int column, int most) {
            Map<String, Integer> counts = new HashMap<>();
            rows.forEach(row -> of(row, column).forEach(category -> counts.merge(category, 1, Integer::sum)));
            Map<String, Integer> places = new HashMap<>();
            counts.entrySet().stream()
                    .filter(count -> count.getValue() > 1)
                    .sorted(Map.Entry.<String, Integer>comparingByValue()
                            .reversed()
                            .thenComparing(Map.Entry.comparingByKey()))
                    .limit(most)
                    .forEach(count -> places.put(count.getKey(), places.size()));
            return places;
        }

        private static List<String> of(List<@Nullable String> row, int column) {
            String cell = row.get(column);
            return cell == null ? List.of() : ItemAttributes.categories(cell);
        }

        private Amount amount(int column) {
            double[] known = rows.stream()
                    .map(row -> row.get(column))
                    .filter(cell -> cell != null)
                    .mapToDouble(ItemAttributes::number)
                    .filter(Double::isFinite)
                    .toArray();
            double mean = Arrays.stream(known).average().orElse(0);
            double variance = Arrays.stream(known)
                    .map(value -> (value - mean) * (value - mean))
                    .average()
                    .orElse(0);
            return new Amount(column, mean, Math.sqrt(variance));
        }

        int width() {
            return (encoder == null || texts.isEmpty() ? 0 : encoder.width())
                    + categories.stream()
                            .mapToInt(category -> category.places.size())
                            .sum()
                    + amounts.size();
        }

        /** @return [which, width] */
        float[] of(int[] which) {
            int width = width();
            float[] values = new float[Math.multiplyExact(which.length, width)];
            int place = 0;
            if (encoder != null && !texts.isEmpty()) {
                float[][] encoded = encoder.encode(
                        Arrays.stream(which).mapToObj(i -> text(rows.get(i))).toList());
                for (int i = 0; i < which.length; i++) {
                    System.arraycopy(encoded[i], 0, values, i * width, encoder.width());
                }
                place += encoder.width();
            }
            for (Category category : categories) {
                for (int i = 0; i < which.length; i++) {
                    float[] part = new float[category.places.size()];
                    for (String value : of(rows.get(which[i]), category.column)) {
                        Integer index = category.places.get(value);
                        if (index != null) {
                            part[index] = 1;
                        }
                    }
                    System.arraycopy(SentenceEncoder.unit(part), 0, values, i * width + place, part.length);
                }
                place += category.places.size();
            }
            for (Amount amount : amounts) {
                for (int i = 0; i < which.length; i++) {
                    String cell = rows.get(which[i]).get(amount.column);
                    double value = cell == null ? Double.NaN : ItemAttributes.number(cell);
                    if (Double.isFinite(value) && amount.deviation > 0) {
                        values[i * width + place] = NUMBER_WEIGHT
                                * (float) Math.clamp(
                                        (value - amount.mean) / amount.deviation, -MOST_DEVIATIONS, MOST_DEVIATIONS);
                    }
                }
                place++;
            }
            return values;
        }

        /** What all columns of texts say, one after the other. */
        private String text(List<@Nullable String> row) {
            StringBuilder text = new StringBuilder();
            for (int column : texts) {
                String cell = row.get(column);
                if (cell != null) {
                    text.append(text.isEmpty() ? "" : ". ").append(cell);
                }
            }
            return text.toString();
        }
    }

    /** Of each item those most like it, the more the nearer. */
    Neighbourhood neighbours(int most, DoubleConsumer progress) {
        int[] described = described();
        int kept = Math.min(most, Math.max(1, described.length - 1));
        float[] values = new float[Math.multiplyExact(2 * kept, catalog)];
        nearest(described, described, kept + 1, progress, (item, others, distances) -> {
            int place = item * kept;
            int end = place + kept;
            for (int i = 0; i < others.length && place < end; i++) {
                if (others[i] != item) {
                    values[place] = others[i];
                    values[kept * catalog + place] = (float) Math.exp(-Math.max(0, distances[i]));
                    place++;
                }
            }
        });
        return new Neighbourhood(Tensor.of(values, 2, catalog, kept), 1);
    }

    /**
     * Of each that is not seen, the seen ones most like it; none of the others, and of those of which nothing is said.
     *
     * @param most of each
     */
    int[][] like(IntPredicate seen, int most, DoubleConsumer progress) {
        int[] described = described();
        int[] known = Arrays.stream(described).filter(seen).toArray();
        int step = Math.max(1, Math.ceilDiv(known.length, MOST_COMPARED));
        int[][] like = new int[catalog][0];
        nearest(
                Arrays.stream(described).filter(seen.negate()).toArray(),
                IntStream.iterate(0, i -> i < known.length, i -> i + step)
                        .map(i -> known[i])
                        .toArray(),
                most,
                progress,
                (one, others, _) -> like[one] = others);
        return like;
    }

    void writeVectors(Path file) throws IOException {
        ItemVectors.write(file, vectors);
    }

    private int[] described() {
        return IntStream.range(0, catalog)
                .filter(item -> {
                    for (int i = item * width; i < (item + 1) * width; i++) {
                        if (vectors[i] != 0) {
                            return true;
                        }
                    }
                    return false;
                })
                .toArray();
    }

    private interface Nearest {
        /** @param others nearest first, with the squares of their distances */
        void of(int item, int[] others, float[] distances);
    }

    private void nearest(int[] of, int[] among, int most, DoubleConsumer progress, Nearest found) {
        int kept = Math.min(most, among.length);
        if (kept == 0 || of.length == 0) {
            return;
        }
        int rows = Math.max(1, DISTANCES / among.length);
        try (Handle others = functions.floats(gathered(among), among.length, width)) {
            for (int from = 0; from < of.length; from += rows) {
                int[] block = Arrays.copyOfRange(of, from, Math.min(of.length, from + rows));
                try (Handle own = functions.floats(gathered(block), block.length, width);
                        Handle nearest = functions.call("nearest", own, others, kept)) {
                    float[] values = nearest.copy().values();
                    for (int i = 0; i < block.length; i++) {
                        int[] items = new int[kept];
                        for (int j = 0; j < kept; j++) {
                            items[j] = among[(int) values[i * kept + j]];
                        }
                        int distances = (block.length + i) * kept;
                        found.of(block[i], items, Arrays.copyOfRange(values, distances, distances + kept));
                    }
                }
                progress.accept((from + block.length) / (double) of.length);
            }
        }
    }

    private float[] gathered(int[] items) {
        float[] values = new float[items.length * width];
        for (int i = 0; i < items.length; i++) {
            System.arraycopy(vectors, items[i] * width, values, i * width, width);
        }
        return values;
    }
}
