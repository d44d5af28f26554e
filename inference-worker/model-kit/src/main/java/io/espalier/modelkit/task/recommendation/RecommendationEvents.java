package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.modelkit.task.RecentEvents;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** What users had lately, and the items that are new. */
final class RecommendationEvents implements RecentEvents {
    private final RecentInteractions interactions = new RecentInteractions();
    private final RecentItems items = new RecentItems();

    RecentInteractions interactions() {
        return interactions;
    }

    RecentItems items() {
        return items;
    }

    @Override
    public void add(long sequence, String kind, JsonNode event) {
        switch (kind) {
            case Recommendation.INTERACTIONS -> interactions.add(event);
            case Recommendation.ITEMS -> items.add(sequence, event);
            default -> {}
        }
    }

    @Override
    public int size() {
        return interactions.size() + items.size();
    }

    /** Items last: a few stand for what many users may be shown. */
    @Override
    public void shrink(int most) {
        interactions.shrink(Math.max(0, most - items.size()));
        items.shrink(most);
    }

    @Override
    public Map<String, Long> pending() {
        Long first = items.firstPending();
        return first == null ? Map.of() : Map.of(Recommendation.ITEMS, first);
    }

    @Override
    public void onFollowed(Runnable listener) {
        items.onFollowed(listener);
    }
}
