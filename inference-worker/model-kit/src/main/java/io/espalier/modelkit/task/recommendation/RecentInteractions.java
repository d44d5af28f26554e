package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.task.recommendation.Recommendation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The items that users had lately, by ids, since models do not all know the same ones. One thread adds and forgets; any number read
 * meanwhile and never wait.
 */
final class RecentInteractions {
    /** Of a user, by one type, so that many views do not push purchases out. */
    static final int MOST_ITEMS = 500;

    /** Of a user, whatever the types are: these are words of the callers'. */
    static final int MOST_OF_A_USER = 2000;

    /**
     * The interactions of one type that a user had with an item.
     *
     * @param time of the last, in milliseconds since 1970
     * @param value the highest, which is what any of them has to be for them to count; NaN where none has a value
     */
    private record Had(String item, @Nullable String type, long time, double value) {
        boolean isLike(Had other) {
            return item.equals(other.item) && isOfTypeOf(other);
        }

        Had and(Had other) {
            double highest = Double.isNaN(value) || other.value > value ? other.value : value;
            return new Had(item, type, Math.max(time, other.time), highest);
        }

        boolean isOfTypeOf(Had other) {
            return Objects.equals(type, other.type);
        }
    }

    /** Immutable lists, the newest last. */
    private final Map<String, List<Had>> byUser = new ConcurrentHashMap<>();
    /** Users, the one that was added to last at the end; the writer's. */
    private final LinkedHashSet<String> users = new LinkedHashSet<>();

    private volatile int size;

    /** A user's items by the interactions that count, the newest last, each once; none of a user who had none. */
    List<String> of(String user, InteractionRule rule) {
        LinkedHashSet<String> items = new LinkedHashSet<>();
        for (Had had : byUser.getOrDefault(user, List.of())) {
            if (rule.allowsType(had.type) && rule.allowsValue(had.value)) {
                items.addLast(had.item);
            }
        }
        return List.copyOf(items);
    }

    synchronized void add(JsonNode event) {
        String user = event.path(Recommendation.USER).asString("");
        String item = event.path(Recommendation.ITEM).asString("");
        if (user.isEmpty() || item.isEmpty()) {
            return;
        }
        List<Had> before = byUser.getOrDefault(user, List.of());
        JsonNode type = event.path(Recommendation.TYPE);
        List<Had> after = with(
                before,
                new Had(
                        item,
                        shared(type.isString() ? type.asString() : null, before),
                        event.path(Recommendation.TIME).asLong(0),
                        event.path(Recommendation.VALUE).asDouble(Double.NaN)));
        byUser.put(user, after);
        users.addLast(user);
        size += after.size() - before.size();
    }

    /** Types are few where events are many: each is kept once a user. */
    private static @Nullable String shared(@Nullable String type, List<Had> before) {
        for (Had had : before) {
            if (Objects.equals(had.type, type)) {
                return had.type;
            }
        }
        return type;
    }

    /** In the order of times, of equal ones in that of arrival. What is there already moves, unless it was later. */
    private static List<Had> with(List<Had> before, Had added) {
        List<Had> after = new ArrayList<>(before.size() + 1);
        Had joined = added;
        for (Had had : before) {
            if (!had.isLike(added)) {
                after.add(had);
            } else {
                joined = had.and(added);
                if (had.time > added.time) {
                    after.add(joined);
                }
            }
        }
        if (joined.time == added.time) {
            int place = after.size();
            while (place > 0 && after.get(place - 1).time() > joined.time()) {
                place--;
            }
            after.add(place, joined);
            if (after.stream().filter(joined::isOfTypeOf).count() > MOST_ITEMS) {
                after.remove(
                        after.stream().filter(joined::isOfTypeOf).findFirst().orElseThrow());
            } else if (after.size() > MOST_OF_A_USER) {
                after.removeFirst();
            }
        }
        return List.copyOf(after);
    }

    int size() {
        return size;
    }

    /** Forgets users who have been left alone for the longest time. */
    synchronized void shrink(int most) {
        while (size > most && !users.isEmpty()) {
            List<Had> forgotten = byUser.remove(users.removeFirst());
            size -= forgotten == null ? 0 : forgotten.size();
        }
    }
}
