package io.espalier.modelkit.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class RecentInteractionsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RecentInteractions recent = new RecentInteractions();

    private void add(String user, String item, long time) {
        recent.add(JSON.createObjectNode().put("user", user).put("item", item).put("time", time));
    }

    private void add(String item, long time, String type, double value) {
        recent.add(JSON.createObjectNode()
                .put("user", "u")
                .put("item", item)
                .put("time", time)
                .put("type", type)
                .put("value", value));
    }

    private List<String> of(String user) {
        return recent.of(user, InteractionRule.ANY);
    }

    @Test
    void hasNothingOfWhoHadNothing() {
        assertThat(of("u")).isEmpty();
        assertThat(recent.size()).isZero();
    }

    @Test
    void ordersByTimeAndThenByArrival() {
        add("u", "b", 20);
        add("u", "c", 20);
        add("u", "a", 10);
        add("u", "d", 30);

        assertThat(of("u")).containsExactly("a", "b", "c", "d");
        assertThat(of("v")).isEmpty();
    }

    @Test
    void countsARepeatedItemOnceAtItsNewestTime() {
        add("u", "a", 10);
        add("u", "b", 20);
        add("u", "a", 30);
        add("u", "b", 5);

        assertThat(of("u")).containsExactly("b", "a");
        assertThat(recent.size()).isEqualTo(2);
    }

    @Test
    void isTheSameAfterTheSameEventsAgain() {
        for (int round = 0; round < 2; round++) {
            add("u", "a", 10);
            add("u", "b", 20);
            add("u", "a", 30);
        }

        assertThat(of("u")).containsExactly("b", "a");
        assertThat(recent.size()).isEqualTo(2);
    }

    @Test
    void keepsItsPlaceAmongEqualTimesWhenAnEarlierOneComesLate() {
        for (int round = 0; round < 2; round++) {
            add("a", 20, "rating", 1);
            add("c", 20, "rating", 1);
            add("a", 10, "rating", 5);

            assertThat(of("u")).hasSize(2);
        }
        add("a", 10, "rating", 5);

        assertThat(of("u")).containsExactly("a", "c");
    }

    @Test
    void keepsTheNewestOfAUser() {
        IntStream.range(0, 600).forEach(i -> add("u", "i" + i, i));
        add("u", "too old", -1);

        assertThat(of("u")).hasSize(500).startsWith("i100").endsWith("i599");
        assertThat(recent.size()).isEqualTo(500);
    }

    @Test
    void countsWhatTheRuleAllows() {
        add("a", 10, "purchase", 5);
        add("b", 20, "view", 5);
        add("c", 30, "purchase", 1);
        add("u", "d", 40);

        assertThat(of("u")).containsExactly("a", "b", "c", "d");
        assertThat(recent.of("u", new InteractionRule(null, Set.of("purchase"))))
                .containsExactly("a", "c");
        assertThat(recent.of("u", new InteractionRule(2.0, Set.of()))).containsExactly("a", "b");
        assertThat(recent.of("u", new InteractionRule(2.0, Set.of("purchase", "cart"))))
                .containsExactly("a");
    }

    @Test
    void doesNotTakeAPurchaseForTheViewThatFollowed() {
        add("a", 10, "purchase", 1);
        add("b", 20, "purchase", 1);
        add("a", 30, "view", 1);

        assertThat(of("u")).containsExactly("b", "a");
        assertThat(recent.of("u", new InteractionRule(null, Set.of("purchase"))))
                .containsExactly("a", "b");
        assertThat(recent.size()).isEqualTo(3);
    }

    /** As a training leaves out interactions, and not items. */
    @Test
    void countsWhereAnyInteractionWithTheItemDoes() {
        InteractionRule atLeastFour = new InteractionRule(4.0, Set.of());
        add("a", 10, "rating", 1);
        assertThat(recent.of("u", atLeastFour)).isEmpty();

        add("a", 20, "rating", 5);
        add("a", 30, "rating", 2);
        recent.add(JSON.createObjectNode()
                .put("user", "u")
                .put("item", "a")
                .put("time", 40)
                .put("type", "rating"));
        add("b", 50, "rating", 4);
        add("b", 45, "rating", 3);
        add("c", 60, "rating", 1);
        add("c", 55, "rating", 5);
        recent.add(JSON.createObjectNode()
                .put("user", "u")
                .put("item", "d")
                .put("time", 70)
                .put("type", "rating"));
        add("d", 71, "rating", 5);

        assertThat(recent.of("u", atLeastFour)).containsExactly("a", "b", "c", "d");
        assertThat(recent.size()).isEqualTo(4);
    }

    @Test
    void keepsAPurchaseBesideAnyNumberOfViews() {
        add("a", 10, "purchase", 1);
        IntStream.range(0, 600).forEach(i -> add("i" + i, 20 + i, "view", 1));

        assertThat(of("u")).hasSize(501).startsWith("a", "i100").endsWith("i599");
    }

    @Test
    void boundsAUserOfAnyNumberOfTypes() {
        IntStream.range(0, 2500).forEach(i -> add("i" + i, i, "search: " + i, 1));

        assertThat(of("u")).hasSize(2000).startsWith("i500").endsWith("i2499");
        assertThat(recent.size()).isEqualTo(2000);
    }

    @Test
    void forgetsTheUsersWhoHaveBeenAwayLongest() {
        add("first", "a", 1);
        add("second", "a", 1);
        add("second", "b", 1);
        add("third", "a", 1);
        add("first", "b", 2);

        recent.shrink(3);

        assertThat(of("second")).isEmpty();
        assertThat(of("first")).containsExactly("a", "b");
        assertThat(of("third")).containsExactly("a");
        assertThat(recent.size()).isEqualTo(3);
        recent.shrink(0);
        assertThat(recent.size()).isZero();
    }

    @Test
    void passesOverWhatItDoesNotKnow() {
        recent.add(JSON.createObjectNode().put("user", "u"));

        assertThat(of("u")).isEmpty();
    }

    @Test
    void showsReadersWholeListsWhileItIsWritten() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean torn = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            int last = 0;
            while (!done.get()) {
                List<String> items = of("u");
                torn.compareAndSet(
                        false,
                        items.size() < last
                                || !items.equals(IntStream.range(0, items.size())
                                        .mapToObj(i -> "i" + i)
                                        .toList()));
                last = items.size();
            }
        });

        IntStream.range(0, 400).forEach(i -> add("u", "i" + i, i));
        done.set(true);
        reader.join();

        assertThat(torn).isFalse();
    }
}
