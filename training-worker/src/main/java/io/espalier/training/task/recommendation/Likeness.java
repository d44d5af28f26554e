package io.espalier.training.task.recommendation;

import io.espalier.modelkit.task.recommendation.Features;
import io.espalier.modelkit.task.recommendation.ItemAttributes;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Column;
import io.espalier.modelkit.task.recommendation.ItemVectors;
import io.espalier.modelkit.task.recommendation.RecommendationKit;
import io.espalier.modelkit.task.recommendation.SentenceEncoder;
import io.espalier.training.program.Functions;
import io.espalier.training.program.Functions.Handle;
import io.espalier.training.task.recommendation.RankingModel.Neighbourhood;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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
    /** Items that the directions are found by. */
    private static final int SAMPLE = 4096;

    private static final int BLOCK = 1024;
    /** Numbers of a block of distances. */
    private static final int DISTANCES = 1 << 23;

    private final Functions functions;
    private final Features features;
    /** [1 + width of the features, width], as {@code projected} takes them; empty where nothing is said. */
    private final float[] directions;
    /** [catalog, width]; zero where nothing is said. */
    private final float[] vectors;

    private final int catalog;
    private final int width;

    private Likeness(Functions functions, Features features, float[] directions, float[] vectors, int catalog) {
        this.functions = functions;
        this.features = features;
        this.directions = directions;
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
        List<Integer> items = new ArrayList<>();
        List<List<@Nullable String>> rows = new ArrayList<>();
        List<Column> columns = ItemAttributes.read(attributes, (item, cells) -> {
            if (cells != null && cells.stream().anyMatch(cell -> cell != null)) {
                items.add(item);
                rows.add(cells);
            }
        });
        Features features = Features.of(columns, rows, encoder);
        int wide = features.width();
        int width = Math.min(WIDTH, wide);
        float[] vectors = new float[Math.multiplyExact(catalog, Math.max(1, width))];
        if (rows.isEmpty() || width == 0) {
            return new Likeness(functions, features, new float[0], vectors, catalog);
        }
        int step = Math.ceilDiv(rows.size(), SAMPLE);
        List<List<@Nullable String>> sample = IntStream.iterate(0, i -> i < rows.size(), i -> i + step)
                .mapToObj(rows::get)
                .toList();
        float[] ofSample = features.of(sample, encoder);
        try (Handle seen = functions.floats(ofSample, sample.size(), wide);
                Handle directions = functions.call("principal", seen, width)) {
            for (int from = 0; from < rows.size(); from += BLOCK) {
                int to = Math.min(rows.size(), from + BLOCK);
                // Where the sample is all of them, none is read twice.
                float[] values = step == 1
                        ? Arrays.copyOfRange(ofSample, from * wide, to * wide)
                        : features.of(rows.subList(from, to), encoder);
                try (Handle read = functions.floats(values, to - from, wide);
                        Handle projected = functions.call("projected", read, directions)) {
                    float[] along = projected.copy().values();
                    for (int i = from; i < to; i++) {
                        System.arraycopy(along, (i - from) * width, vectors, items.get(i) * width, width);
                    }
                }
                progress.accept(to / (double) rows.size());
            }
            return new Likeness(functions, features, directions.copy().values(), vectors, catalog);
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
        int[][] like = new int[catalog][0];
        nearest(
                Arrays.stream(described).filter(seen.negate()).toArray(),
                ItemVectors.compared(Arrays.stream(described).filter(seen).toArray()),
                most,
                progress,
                (one, others, _) -> like[one] = others);
        return like;
    }

    void writeVectors(Path file) throws IOException {
        ItemVectors.write(file, vectors);
    }

    /**
     * Writes how what is said becomes a vector, so that more may get one; nothing where nothing is said.
     *
     * @param encoder where the encoder's files are
     */
    void writeFeatures(Path folder, Path encoder) throws IOException {
        if (directions.length == 0) {
            return;
        }
        features.write(folder.resolve(RecommendationKit.FEATURES_ENTRY));
        ItemVectors.write(folder.resolve(RecommendationKit.DIRECTIONS_ENTRY), directions);
        if (!features.texts().isEmpty()) {
            for (String entry : SentenceEncoder.ENTRIES) {
                Files.copy(encoder.resolve(entry), folder.resolve(entry));
            }
        }
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
