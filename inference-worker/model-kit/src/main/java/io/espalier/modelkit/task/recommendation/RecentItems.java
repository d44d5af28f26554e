package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.task.recommendation.Recommendation;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Items that arrived lately, with what is said of them. Models place them among their own on threads of their own, since that takes a
 * while, and say how far they are. Thread-safe.
 */
final class RecentItems {
    /** More are a reason to train again. */
    private static final int MOST_ITEMS = 10_000;
    /** The version before the first. */
    private static final long NOTHING = -1;
    /** What is said of an item counts as an event more for so many characters. */
    private static final int CHARACTERS = 256;

    /** What is said of an item, by column. */
    record Item(String id, Map<String, String> attributes) {
        private int size() {
            int characters =
                    attributes.values().stream().mapToInt(String::length).sum();
            return 1 + characters / CHARACTERS;
        }
    }

    /** What there was at a moment. */
    record Snapshot(long version, List<Item> items) {}

    /** The one that came last at the end. */
    private final LinkedHashMap<String, Item> items = new LinkedHashMap<>();
    /** Up to which version each model that follows has placed them. */
    private final Map<Object, Long> followers = new HashMap<>();

    private int size;
    private long version;
    private Runnable onFollowed = () -> {};

    /** What is said of an item takes the place of what was said before. */
    synchronized void add(JsonNode event) {
        String id = event.path(Recommendation.ITEM_ID).asString("");
        if (id.isEmpty()) {
            return;
        }
        Map<String, String> attributes = new HashMap<>();
        event.path(Recommendation.ITEM_ATTRIBUTES)
                .forEachEntry((column, value) -> attributes.put(column, value.asString("")));
        attributes.values().removeIf(String::isBlank);
        forget(items.get(id));
        Item item = new Item(id, Map.copyOf(attributes));
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
        version++;
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
        return new Snapshot(version, List.copyOf(items.values()));
    }

    /** Waits until there is something else than there was. */
    synchronized Snapshot awaitOther(long seen) throws InterruptedException {
        while (version == seen) {
            wait();
        }
        return snapshot();
    }

    /** A model begins to follow. */
    synchronized void joined(Object follower) {
        followers.put(follower, NOTHING);
    }

    /** A model's answers follow what there was. */
    void followed(Object follower, long upTo) {
        Runnable listener = null;
        synchronized (this) {
            followers.put(follower, upTo);
            if (isFollowed()) {
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

    /** Whether the answers of all models that follow do follow all there is. */
    synchronized boolean isFollowed() {
        return followers.values().stream().allMatch(upTo -> upTo == version);
    }

    synchronized void onFollowed(Runnable listener) {
        onFollowed = listener;
    }
}
