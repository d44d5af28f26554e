package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.task.recommendation.ItemAttributes.Kind;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The items that a model ranks, by their positions: those that it learned of, in the order of its scores, and after them those that
 * arrived since. Immutable; the files must outlive it.
 */
final class Catalog {
    private static final int[] NONE = {};

    private final IdTable learned;
    private final @Nullable ItemAttributes attributes;
    private final @Nullable ItemVectors vectors;
    /** Of each learned item that nobody had, those like it that somebody had; none of the others. */
    private final int[][] likes;
    /** Those that have some. */
    private final int[] unseen;

    private final List<Arrival> arrivals;
    /** Of those that arrived. */
    private final Map<String, Integer> positions;

    /**
     * An item that no training saw.
     *
     * @param cells what is said of it, by column
     * @param vector as {@link ItemVectors} has them
     * @param likes the positions of items that somebody had, those most like it
     */
    record Arrival(String id, Map<String, Cell> cells, float[] vector, int[] likes) {}

    /**
     * What is said of an item in a column.
     *
     * @param number NaN where it is none
     */
    record Cell(Set<String> categories, double number) {
        static Cell of(Kind kind, String cell) {
            return new Cell(
                    kind == Kind.CATEGORIES ? Set.copyOf(ItemAttributes.categories(cell)) : Set.of(),
                    kind == Kind.NUMBER ? ItemAttributes.number(cell) : Double.NaN);
        }
    }

    private Catalog(
            IdTable learned,
            @Nullable ItemAttributes attributes,
            @Nullable ItemVectors vectors,
            int[][] likes,
            int[] unseen,
            List<Arrival> arrivals) {
        this.learned = learned;
        this.attributes = attributes;
        this.vectors = vectors;
        this.likes = likes;
        this.unseen = unseen;
        this.arrivals = List.copyOf(arrivals);
        this.positions = new HashMap<>();
        for (int i = 0; i < arrivals.size(); i++) {
            positions.put(arrivals.get(i).id(), learned.size() + i);
        }
    }

    /** Those that a model learned of. */
    static Catalog open(Path bundle, Arena arena) {
        IdTable ids = IdTable.open(bundle.resolve(RecommendationKit.ITEMS_ENTRY), arena);
        Path described = bundle.resolve(RecommendationKit.ATTRIBUTES_ENTRY);
        Path content = bundle.resolve(RecommendationKit.VECTORS_ENTRY);
        int[][] likes = likes(bundle.resolve(RecommendationKit.LIKES_ENTRY), ids.size());
        return new Catalog(
                ids,
                Files.exists(described) ? ItemAttributes.open(described, ids.size()) : null,
                Files.exists(content) ? ItemVectors.open(content, ids.size(), arena) : null,
                likes,
                IntStream.range(0, likes.length)
                        .filter(item -> likes[item].length > 0)
                        .toArray(),
                List.of());
    }

    private static int[][] likes(Path file, int items) {
        int[][] likes = new int[items][];
        Arrays.fill(likes, NONE);
        if (Files.exists(file)) {
            try (Arena arena = Arena.ofConfined()) {
                Histories all = Histories.open(file, arena);
                Arrays.setAll(likes, all::of);
            }
        }
        return likes;
    }

    /** The learned ones, and others that arrived, none of which is one of them. */
    Catalog with(List<Arrival> others) {
        return new Catalog(learned, attributes, vectors, likes, unseen, others);
    }

    int size() {
        return learned.size() + arrivals.size();
    }

    /** How many the model learned of: those come first. */
    int learnedSize() {
        return learned.size();
    }

    /** @return the position of an item; negative where there is none */
    int find(String id) {
        int position = learned.find(id);
        return position >= 0 ? position : positions.getOrDefault(id, -1);
    }

    String id(int item) {
        return item < learned.size() ? learned.id(item) : arrival(item).id();
    }

    private Arrival arrival(int item) {
        return arrivals.get(item - learned.size());
    }

    /** Of an item that nobody had, those like it that somebody had; none of the others. */
    int[] likes(int item) {
        return item < likes.length ? likes[item] : arrival(item).likes();
    }

    /** Lets what nobody had score as what is like it does on average. */
    void lend(float[] scores) {
        for (int item : unseen) {
            scores[item] = average(likes[item], scores);
        }
        for (int item = learned.size(); item < size(); item++) {
            scores[item] = average(arrival(item).likes(), scores);
        }
    }

    private static float average(int[] items, float[] scores) {
        float sum = 0;
        for (int item : items) {
            sum += scores[item];
        }
        return sum / items.length;
    }

    /** Whether items can be chosen by what they are. */
    boolean hasAttributes() {
        return attributes != null;
    }

    /** Whether it is known how much items are alike. */
    boolean hasVectors() {
        return vectors != null;
    }

    /** What an item is like, as a vector of the caller's; zero where nothing is said of it. */
    float[] vector(int item) {
        if (item >= learned.size()) {
            return arrival(item).vector().clone();
        }
        return vectors == null ? new float[0] : vectors.of(item);
    }

    /** Columns that items can be chosen by. */
    List<String> columns() {
        return attributes == null ? List.of() : attributes.columns();
    }

    boolean hasCategories(String column) {
        return attributes != null && attributes.hasCategories(column);
    }

    boolean hasNumbers(String column) {
        return attributes != null && attributes.hasNumbers(column);
    }

    /** Items with one of the categories at least. */
    BitSet having(String column, List<String> wanted) {
        return withArrivals(
                attributes == null ? new BitSet() : attributes.having(column, wanted),
                column,
                cell -> wanted.stream().anyMatch(cell.categories()::contains));
    }

    /** Items of which the number is known, and not below the least or above the most. */
    BitSet between(String column, double least, double most) {
        return withArrivals(
                attributes == null ? new BitSet() : attributes.between(column, least, most),
                column,
                cell -> cell.number() >= least && cell.number() <= most);
    }

    private BitSet withArrivals(BitSet items, String column, Predicate<Cell> matches) {
        for (int i = 0; i < arrivals.size(); i++) {
            Cell cell = arrivals.get(i).cells().get(column);
            if (cell != null && matches.test(cell)) {
                items.set(learned.size() + i);
            }
        }
        return items;
    }
}
