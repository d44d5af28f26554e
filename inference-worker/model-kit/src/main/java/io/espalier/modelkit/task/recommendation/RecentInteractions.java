package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.task.recommendation.Recommendation;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import tools.jackson.databind.JsonNode;

/**
 * The items that users had lately, by ids, since models do not all know the same ones. One thread adds and forgets; any number read
 * meanwhile and never wait.
 */
final class RecentInteractions {
    /** Of a user. */
    static final int MOST_ITEMS = 500;

    /** An item and when a user had it last, in milliseconds since 1970. */
    private record Had(String item, long time) {}

    /** Immutable lists, the newest last, each item once. */
    private final Map<String, List<Had>> byUser = new ConcurrentHashMap<>();
    /** Users, the one that was added to last at the end; the writer's. */
    private final LinkedHashSet<String> users = new LinkedHashSet<>();

    private volatile int size;

    /** A user's items, the newest last, each once; none of a user who had none. */
    List<String> of(String user) {
        return byUser.getOrDefault(user, List.of()).stream().map(Had::item).toList();
    }

    synchronized void add(JsonNode event) {
        String user = event.path(Recommendation.USER).asString("");
        String item = event.path(Recommendation.ITEM).asString("");
        if (user.isEmpty() || item.isEmpty()) {
            return;
        }
        List<Had> before = byUser.getOrDefault(user, List.of());
        List<Had> after =
                with(before, new Had(item, event.path(Recommendation.TIME).asLong(0)));
        byUser.put(user, after);
        users.addLast(user);
        size += after.size() - before.size();
    }

    /** In the order of times, of equal ones in that of arrival. What is there already moves, if this was later. */
    private static List<Had> with(List<Had> before, Had added) {
        List<Had> after = new ArrayList<>(before.size() + 1);
        for (Had had : before) {
            if (!had.item().equals(added.item())) {
                after.add(had);
            } else if (had.time() > added.time()) {
                return before;
            }
        }
        int place = after.size();
        while (place > 0 && after.get(place - 1).time() > added.time()) {
            place--;
        }
        after.add(place, added);
        return List.copyOf(after.size() > MOST_ITEMS ? after.subList(1, after.size()) : after);
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
