package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.task.recommendation.Catalog.Arrival;
import io.espalier.modelkit.task.recommendation.Catalog.Cell;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Column;
import io.espalier.modelkit.task.recommendation.RecentItems.Item;
import io.espalier.modelkit.task.recommendation.RecentItems.Snapshot;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
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
    /** What a model's first answer waits for. */
    private static final Duration PATIENCE_AT_START = Duration.ofSeconds(10);

    private static final Duration PAUSE = Duration.ofSeconds(10);

    /** An item as it was told, and where it came to stand; null where the model understands nothing of it. */
    private record Placed(Item item, @Nullable Arrival arrival) {}

    private final Path bundle;
    private final Catalog learned;
    private final Features features;
    /** [1 + width of the features, width]. */
    private final float[][] directions;
    /** Those that somebody had. */
    private final int[] compared;

    private final RecentItems items;
    private final Thread thread = Thread.ofPlatform().name("arrivals").daemon().unstarted(this::placeUntilClosed);
    /** By id. */
    private Map<String, Placed> placed = new LinkedHashMap<>();
    /** Loaded with the first item where the model reads texts. */
    private @Nullable SentenceEncoder encoder;

    private volatile Catalog catalog;
    private volatile boolean closed;

    /**
     * Does nothing before {@link #start}.
     *
     * @param bundle one with {@link #isPossible}
     * @param arena outlives this
     */
    Arrivals(Path bundle, Catalog learned, RecentItems items, Arena arena) {
        this.bundle = bundle;
        this.learned = learned;
        this.items = items;
        this.features = Features.read(bundle.resolve(RecommendationKit.FEATURES_ENTRY));
        int wide = features.width();
        ItemVectors rows = ItemVectors.open(bundle.resolve(RecommendationKit.DIRECTIONS_ENTRY), 1 + wide, arena);
        this.directions = IntStream.rangeClosed(0, wide).mapToObj(rows::of).toArray(float[][]::new);
        this.compared = ItemVectors.compared(IntStream.range(0, learned.learnedSize())
                .filter(item -> learned.likes(item).length == 0 && isDescribed(learned.vector(item)))
                .toArray());
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

    /** Places what there is, as far as a moment suffices, and on a thread the rest and what comes. */
    void start() {
        items.joined(this);
        try {
            place(items.snapshot(), PATIENCE_AT_START);
        } catch (RuntimeException | Error e) {
            // A model without its new items is better than none.
            LOG.error("Items that arrived cannot be ranked yet", e);
        }
        thread.start();
    }

    private void placeUntilClosed() {
        long seen = -1;
        while (!closed) {
            try {
                Snapshot snapshot = items.awaitOther(seen);
                place(snapshot, null);
                seen = snapshot.changes();
            } catch (InterruptedException _) {
                // Closed.
            } catch (RuntimeException | Error e) {
                LOG.error("Items that arrived cannot be ranked; the next try is in {} s", PAUSE.toSeconds(), e);
                pause();
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException _) {
            // Closed.
        }
    }

    /** What is said anew of an item counts once it is placed; until then what was said before. */
    private void place(Snapshot snapshot, @Nullable Duration atMost) {
        long start = System.nanoTime();
        Map<String, Placed> known = new LinkedHashMap<>();
        List<Item> missing = new ArrayList<>();
        for (Item item : snapshot.items()) {
            Placed before = placed.get(item.id());
            if (before != null) {
                known.put(item.id(), before);
            }
            if ((before == null || !before.item().equals(item)) && learned.find(item.id()) < 0) {
                missing.add(item);
            }
        }
        placed = known;
        publish();
        // Of those from each place on the first event that is still waited for: what is said again stands further back.
        long[] since = new long[missing.size() + 1];
        since[missing.size()] = Long.MAX_VALUE;
        for (int i = missing.size() - 1; i >= 0; i--) {
            since[i] = Math.min(since[i + 1], missing.get(i).since());
        }
        for (int from = 0; from < missing.size(); from += BLOCK) {
            if (closed || atMost != null && System.nanoTime() - start > atMost.toNanos()) {
                return;
            }
            List<Item> block = missing.subList(from, Math.min(missing.size(), from + BLOCK));
            place(block);
            publish();
            items.followed(
                    this, Math.min(block.getLast().sequence(), since[Math.min(missing.size(), from + BLOCK)] - 1));
        }
        items.followed(this, snapshot.last());
    }

    private void publish() {
        catalog = learned.with(placed.values().stream()
                .map(Placed::arrival)
                .filter(Objects::nonNull)
                .toList());
    }

    private void place(List<Item> block) {
        List<List<@Nullable String>> rows = block.stream().map(this::row).toList();
        if (encoder == null && !features.texts().isEmpty()) {
            encoder = SentenceEncoder.open(bundle, features.tokens());
        }
        float[] values = features.of(rows, encoder);
        int wide = features.width();
        List<float[]> places = IntStream.range(0, block.size())
                .mapToObj(i -> projected(Arrays.copyOfRange(values, i * wide, (i + 1) * wide)))
                .toList();
        int[][] likes = nearest(places);
        for (int i = 0; i < block.size(); i++) {
            Item item = block.get(i);
            boolean understood = rows.get(i).stream().anyMatch(Objects::nonNull)
                    && isDescribed(Arrays.copyOfRange(values, i * wide, (i + 1) * wide))
                    && likes[i].length > 0;
            Arrival arrival = understood ? new Arrival(item.id(), cells(item), places.get(i), likes[i]) : null;
            placed.put(item.id(), new Placed(item, arrival));
        }
    }

    /** What is said of an item, in the order of the model's columns. */
    private List<@Nullable String> row(Item item) {
        List<@Nullable String> row = new ArrayList<>();
        features.columns().forEach(column -> row.add(item.attributes().get(column.name())));
        return row;
    }

    /** What is said of an item in the columns of the model. */
    private Map<String, Cell> cells(Item item) {
        Map<String, Cell> cells = new HashMap<>();
        for (Column column : features.columns()) {
            String cell = item.attributes().get(column.name());
            if (cell != null) {
                cells.put(column.name(), Cell.of(column.kind(), cell));
            }
        }
        return cells;
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

    private int[][] nearest(List<float[]> places) {
        Ranking[] best = new Ranking[places.size()];
        Arrays.setAll(best, _ -> new Ranking(RecommendationKit.LIKES));
        for (int item : compared) {
            float[] vector = learned.vector(item);
            for (int i = 0; i < places.size(); i++) {
                float[] place = places.get(i);
                float distance = 0;
                for (int j = 0; j < vector.length; j++) {
                    float difference = vector[j] - place[j];
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
