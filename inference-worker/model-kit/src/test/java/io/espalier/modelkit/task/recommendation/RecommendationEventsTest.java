package io.espalier.modelkit.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RecommendationEventsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RecommendationEvents events = new RecommendationEvents();
    private long sequence;

    private void interaction(String user, String item) {
        events.add(
                ++sequence,
                "interactions",
                JSON.createObjectNode().put("user", user).put("item", item));
    }

    private void item(String id, String name) {
        var event = JSON.createObjectNode().put("itemId", id);
        event.putObject("itemAttributes").put("name", name);
        events.add(++sequence, "items", event);
    }

    @Test
    void keepsEachKindWhereItBelongs() {
        interaction("u", "a");
        item("b", "a lamp");
        events.add(++sequence, "views", JSON.createObjectNode().put("user", "u").put("item", "c"));
        events.add(++sequence, "items", JSON.createObjectNode().put("item", "no id"));

        assertThat(events.interactions().of("u", InteractionRule.ANY)).containsExactly("a");
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

        assertThat(events.size()).isEqualTo(5);

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
        assertThat(events.interactions().of("u", InteractionRule.ANY)).isEmpty();
        assertThat(events.interactions().of("v", InteractionRule.ANY)).containsExactly("a");

        events.shrink(1);
        assertThat(events.size()).isEqualTo(1);
        assertThat(events.items().snapshot().items())
                .extracting(RecentItems.Item::id)
                .containsExactly("b");
    }

    @Test
    void saysWhatAnswersDoNotFollowYet() {
        AtomicInteger heard = new AtomicInteger();
        events.onFollowed(heard::incrementAndGet);
        interaction("u", "a");
        item("a", "a lamp");
        assertThat(events.pending()).as("nobody follows").isEmpty();

        Object first = new Object();
        Object second = new Object();
        events.items().joined(first);
        events.items().joined(second);
        assertThat(events.pending()).containsExactly(Map.entry("items", 0L));
        events.items().followed(first, 2);
        assertThat(events.pending()).isNotEmpty();
        events.items().followed(second, 2);
        assertThat(events.pending()).isEmpty();
        assertThat(heard).hasValue(1);

        item("b", "a tent");
        interaction("u", "b");
        item("c", "a pan");
        assertThat(events.pending()).containsExactly(Map.entry("items", 3L));
        events.items().followed(first, 5);
        events.items().followed(second, 3);
        assertThat(events.pending()).containsExactly(Map.entry("items", 4L));
        events.items().left(second);
        assertThat(events.pending()).isEmpty();
    }

    @Test
    void knowsSinceWhenAnItemIsWaitedFor() {
        Object follower = new Object();
        events.items().joined(follower);
        item("a", "a lamp");
        item("b", "a tent");
        item("a", "a lantern");
        assertThat(events.items().snapshot().items())
                .extracting(RecentItems.Item::id, RecentItems.Item::since)
                .containsExactly(tuple("b", 2L), tuple("a", 1L));

        events.items().followed(follower, 3);
        item("a", "a torch");
        assertThat(events.items().snapshot().items())
                .extracting(RecentItems.Item::since)
                .containsExactly(2L, 4L);
    }

    @Test
    void beginsAnewWhereThePastIsAnotherOne() {
        Object follower = new Object();
        events.items().joined(follower);
        item("a", "a lamp");
        item("b", "a tent");
        events.items().followed(follower, 2);
        sequence = 0;

        item("a", "a lantern");

        assertThat(events.pending()).containsExactly(Map.entry("items", 0L));
    }
}
