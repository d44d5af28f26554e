package io.espalier.modelkit.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RecommendationEventsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RecommendationEvents events = new RecommendationEvents();

    private void interaction(String user, String item) {
        events.add("interactions", JSON.createObjectNode().put("user", user).put("item", item));
    }

    private void item(String id, String name) {
        var event = JSON.createObjectNode().put("itemId", id);
        event.putObject("itemAttributes").put("name", name);
        events.add("items", event);
    }

    @Test
    void keepsEachKindWhereItBelongs() {
        interaction("u", "a");
        item("b", "a lamp");
        events.add("views", JSON.createObjectNode().put("user", "u").put("item", "c"));
        events.add("items", JSON.createObjectNode().put("item", "no id"));

        assertThat(events.interactions().of("u")).containsExactly("a");
        assertThat(events.items().snapshot().items())
                .extracting(RecentItems.Item::id)
                .containsExactly("b");
        assertThat(events.size()).isEqualTo(2);
    }

    @Test
    void letsWhatIsSaidLaterOfAnItemCount() {
        item("a", "a lamp");
        item("b", "a tent");
        item("a", "a lantern");

        assertThat(events.items().snapshot().items())
                .extracting(item -> item.attributes().get("name"))
                .containsExactly("a tent", "a lantern");
    }

    @Test
    void countsAnItemOfManyWordsAsSeveral() {
        item("a", "x".repeat(1000));

        assertThat(events.size()).isEqualTo(4);

        item("a", "short");

        assertThat(events.size()).isEqualTo(1);
    }

    @Test
    void forgetsInteractionsBeforeItems() {
        item("a", "a lamp");
        item("b", "a tent");
        interaction("u", "a");
        interaction("v", "a");

        events.shrink(3);
        assertThat(events.interactions().of("u")).isEmpty();
        assertThat(events.interactions().of("v")).containsExactly("a");

        events.shrink(1);
        assertThat(events.size()).isEqualTo(1);
        assertThat(events.items().snapshot().items())
                .extracting(RecentItems.Item::id)
                .containsExactly("b");
    }

    @Test
    void isFollowedOnceAllWhoFollowAreUpToDate() {
        AtomicInteger heard = new AtomicInteger();
        events.onFollowed(heard::incrementAndGet);
        Object first = new Object();
        Object second = new Object();
        item("a", "a lamp");
        assertThat(events.isFollowed()).as("by nobody").isTrue();

        events.items().joined(first);
        events.items().joined(second);
        assertThat(events.isFollowed()).isFalse();
        events.items().followed(first, events.items().snapshot().version());
        assertThat(events.isFollowed()).isFalse();
        assertThat(heard).hasValue(0);
        events.items().followed(second, events.items().snapshot().version());
        assertThat(events.isFollowed()).isTrue();
        assertThat(heard).hasValue(1);

        item("b", "a tent");
        assertThat(events.isFollowed()).isFalse();
        events.items().followed(first, events.items().snapshot().version());
        events.items().left(second);
        assertThat(events.isFollowed()).isTrue();
    }
}
