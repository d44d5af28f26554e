package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.task.recommendation.Recommendation;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Items that arrived lately, with what is said of them. Models place them among their own on threads of their own, since that takes a
 * while, and say how far they are. Thread-safe.
 */
final class RecentItems {
    /** More are a reason to train again. */
    private static final int MOST_ITEMS = 10_000;
    /** What is said of an item counts as an event more for so many characters. */
    private static final int CHARACTERS = 256;
    /** That a column takes beside its name and what it says. */
    private static final int CHARACTERS_OF_A_COLUMN = 64;

    private static final long NOTHING = -1;
    /** Whoever listens has to ask anew each time. */
    private static final Duration BETWEEN_WORDS = Duration.ofMillis(500);

    /**
     * An item that arrived.
     *
     * @param sequence the number of the event that says so
     * @param since that of the first about it that was not followed by all models when this one came
     * @param attributes what is said of it, by column
     */
    record Item(long sequence, long since, String id, Map<String, String> attributes) {
        private int size() {
            int characters = attributes.entrySet().stream()
                    .mapToInt(entry -> CHARACTERS_OF_A_COLUMN
                            + entry.getKey().length()
                            + entry.getValue().length())
                    .sum();
            return 1 + characters / CHARACTERS;
        }
    }

    /**
     * What there was at a moment.
     *
     * @param items in the order in which they came
     * @param last the number of the last event about any; -1 before the first
     */
    record Snapshot(long changes, List<Item> items, long last) {}

    /** The one that came last at the end. */
    private final LinkedHashMap<String, Item> items = new LinkedHashMap<>();
    /** The number of the event up to which each model that follows has placed them. */
    private final Map<Object, Long> followers = new HashMap<>();

    private int size;
    private long changes;
    private long last = NOTHING;
    private long toldNanos = System.nanoTime();
    private Runnable onFollowed = () -> {};

    /** What is said of an item takes the place of what was said before. */
    synchronized void add(long sequence, JsonNode event) {
        String id = event.path(Recommendation.ITEM_ID).asString("");
        if (id.isEmpty()) {
            return;
        }
        if (sequence <= last) {
            // The past is another one now: nothing of it has been placed.
            followers.replaceAll((_, _) -> NOTHING);
        }
        last = sequence;
        Map<String, String> attributes = new HashMap<>();
        event.path(Recommendation.ITEM_ATTRIBUTES)
                .forEachEntry((column, value) -> attributes.put(column, value.asString("")));
        attributes.values().removeIf(String::isBlank);
        Item before = items.get(id);
        long since = before == null || before.since() <= leastFollowed() ? sequence : before.since();
        forget(before);
        Item item = new Item(sequence, since, id, Map.copyOf(attributes));
        items.put(id, item);
        size += item.size();
        if (items.size() > MOST_ITEMS) {
            forget(items.firstEntry().getValue());
        }
        changed();
    }

    private void forget(@Nullable Item item) {
        if (item != null) {
            items.remove(item.id());
            size -= item.size();
        }
    }

    private void changed() {
        changes++;
        notifyAll();
    }

    /** In events, of which an item of many words is several. */
    synchronized int size() {
        return size;
    }

    /** Forgets those that came first. */
    synchronized void shrink(int most) {
        if (size > most) {
            while (size > most) {
                forget(items.firstEntry().getValue());
            }
            changed();
        }
    }

    synchronized Snapshot snapshot() {
        return new Snapshot(changes, List.copyOf(items.values()), last);
    }

    /** Waits until there is something else than there was. */
    synchronized Snapshot awaitOther(long seen) throws InterruptedException {
        while (changes == seen) {
            wait();
        }
        return snapshot();
    }

    /** A model begins to follow. */
    synchronized void joined(Object follower) {
        followers.put(follower, NOTHING);
    }

    /** A model's answers follow the events up to a number. */
    void followed(Object follower, long upTo) {
        Runnable listener = null;
        synchronized (this) {
            Long before = firstPending();
            followers.put(follower, upTo);
            Long now = firstPending();
            if (!Objects.equals(before, now)
                    && (now == null || System.nanoTime() - toldNanos > BETWEEN_WORDS.toNanos())) {
                toldNanos = System.nanoTime();
                listener = onFollowed;
            }
        }
        if (listener != null) {
            listener.run();
        }
    }

    /** A model is gone. */
    synchronized void left(Object follower) {
        followers.remove(follower);
    }

    /** The number from which on events are not followed by the answers of all models; null where all are. */
    synchronized @Nullable Long firstPending() {
        long least = leastFollowed();
        return least < last ? least + 1 : null;
    }

    private long leastFollowed() {
        return followers.values().stream().mapToLong(Long::longValue).min().orElse(last);
    }

    synchronized void onFollowed(Runnable listener) {
        onFollowed = listener;
    }
}
