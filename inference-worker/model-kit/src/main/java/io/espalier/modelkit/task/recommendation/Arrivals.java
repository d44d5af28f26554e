package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.task.recommendation.Catalog.Arrival;
import io.espalier.modelkit.task.recommendation.RecentItems.Item;
import io.espalier.modelkit.task.recommendation.RecentItems.Snapshot;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a model's catalog up with the items that arrive, on a thread of its own: each gets a vector of what is said of it, as the
 * items of the training did, and of those that somebody had the ones most like it. What a model learned of stays as it is.
 */
final class Arrivals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Arrivals.class);
    /** Items at once. */
    private static final int BLOCK = 16;
    /** Of those among which the nearest are looked for; as many spread over all are as near. */
    private static final int MOST_COMPARED = 100_000;

    private final Path bundle;
    private final Catalog learned;
    private final Features features;
    private final ItemVectors vectors;
    /** [1 + width of the features, width]. */
    private final float[][] directions;
    /** Those that somebody had. */
    private final int[] compared;

    private final RecentItems items;
    private final Thread thread = Thread.ofPlatform().name("arrivals").daemon().unstarted(this::placeUntilClosed);
    /** By what arrived. */
    private Map<Item, Arrival> placed = Map.of();
    /** Loaded with the first item that has a text. */
    private @Nullable SentenceEncoder encoder;

    private volatile Catalog catalog;
    private volatile boolean closed;

    /**
     * Places what is there already; {@link #start} goes on.
     *
     * @param bundle one with {@link #isPossible}
     * @param arena outlives this
     */
    Arrivals(Path bundle, Catalog learned, RecentItems items, Arena arena) {
        this.bundle = bundle;
        this.learned = learned;
        this.items = items;
        this.features = Features.read(bundle.resolve(RecommendationKit.FEATURES_ENTRY));
        this.vectors = ItemVectors.open(bundle.resolve(RecommendationKit.VECTORS_ENTRY), learned.learnedSize(), arena);
        int wide = features.width();
        ItemVectors rows = ItemVectors.open(bundle.resolve(RecommendationKit.DIRECTIONS_ENTRY), 1 + wide, arena);
        this.directions = IntStream.rangeClosed(0, wide).mapToObj(rows::of).toArray(float[][]::new);
        int[] had = IntStream.range(0, learned.learnedSize())
                .filter(item -> learned.likes(item).length == 0 && isDescribed(vectors.of(item)))
                .toArray();
        int step = Math.max(1, Math.ceilDiv(had.length, MOST_COMPARED));
        this.compared = IntStream.iterate(0, i -> i < had.length, i -> i + step)
                .map(i -> had[i])
                .toArray();
        this.catalog = learned;
    }

    /** Whether a bundle says how its items got their vectors: then others can get some. */
    static boolean isPossible(Path bundle) {
        return Files.exists(bundle.resolve(RecommendationKit.FEATURES_ENTRY));
    }

    private static boolean isDescribed(float[] vector) {
        for (float value : vector) {
            if (value != 0) {
                return true;
            }
        }
        return false;
    }

    /** The model's items and those that have been placed among them so far. */
    Catalog catalog() {
        return catalog;
    }

    /** Places what there is, and then on a thread what comes. */
    Arrivals start() {
        items.joined(this);
        place(items.snapshot());
        thread.start();
        return this;
    }

    private void placeUntilClosed() {
        try {
            long seen = -1;
            while (!closed) {
                Snapshot snapshot = items.awaitOther(seen);
                place(snapshot);
                seen = snapshot.version();
            }
        } catch (InterruptedException _) {
            // Closed.
        } catch (RuntimeException | Error e) {
            LOG.error("Items that arrive are not ranked any more", e);
            items.left(this);
        }
    }

    private void place(Snapshot snapshot) {
        Map<Item, Arrival> known = new LinkedHashMap<>();
        List<Item> missing = new ArrayList<>();
        for (Item item : snapshot.items()) {
            Arrival arrival = placed.get(item);
            if (arrival != null) {
                known.put(item, arrival);
            } else if (learned.find(item.id()) < 0) {
                missing.add(item);
            }
        }
        placed = known;
        int from = 0;
        do {
            int to = Math.min(missing.size(), from + BLOCK);
            place(missing.subList(from, to), known);
            catalog = learned.with(List.copyOf(known.values()));
            from = to;
        } while (from < missing.size() && !closed);
        if (!closed) {
            items.followed(this, snapshot.version());
        }
    }

    /** Those of which nothing is said that the model reads have no place. */
    private void place(List<Item> block, Map<Item, Arrival> to) {
        List<Item> described = new ArrayList<>();
        List<List<@Nullable String>> rows = new ArrayList<>();
        for (Item item : block) {
            List<@Nullable String> row = new ArrayList<>();
            features.columns().forEach(column -> row.add(item.attributes().get(column.name())));
            if (row.stream().anyMatch(Objects::nonNull)) {
                described.add(item);
                rows.add(row);
            }
        }
        if (described.isEmpty() || compared.length == 0) {
            return;
        }
        if (encoder == null && !features.texts().isEmpty()) {
            encoder = SentenceEncoder.open(bundle, features.tokens());
        }
        float[] values = features.of(rows, encoder);
        int wide = features.width();
        float[][] places = new float[rows.size()][];
        for (int i = 0; i < places.length; i++) {
            places[i] = projected(Arrays.copyOfRange(values, i * wide, (i + 1) * wide));
        }
        int[][] likes = nearest(places);
        for (int i = 0; i < places.length; i++) {
            Item item = described.get(i);
            to.put(item, new Arrival(item.id(), item.attributes(), places[i], likes[i]));
        }
    }

    private float[] projected(float[] row) {
        float[] vector = directions[0].clone();
        for (int i = 0; i < row.length; i++) {
            if (row[i] != 0) {
                for (int j = 0; j < vector.length; j++) {
                    vector[j] += row[i] * directions[1 + i][j];
                }
            }
        }
        return vector;
    }

    private int[][] nearest(float[][] places) {
        Ranking[] best = new Ranking[places.length];
        Arrays.setAll(best, _ -> new Ranking(RecommendationKit.LIKES));
        for (int item : compared) {
            float[] vector = vectors.of(item);
            for (int i = 0; i < places.length; i++) {
                float distance = 0;
                for (int j = 0; j < vector.length; j++) {
                    float difference = vector[j] - places[i][j];
                    distance += difference * difference;
                }
                best[i].add(item, -distance);
            }
        }
        return Arrays.stream(best).map(Ranking::items).toArray(int[][]::new);
    }

    /** Nothing may be predicting any more. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException _) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        items.left(this);
        if (encoder != null) {
            encoder.close();
        }
    }
}
