package io.espalier.modelkit.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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

    @Test
    void hasNothingOfWhoHadNothing() {
        assertThat(recent.of("u")).isEmpty();
        assertThat(recent.size()).isZero();
    }

    @Test
    void ordersByTimeAndThenByArrival() {
        add("u", "b", 20);
        add("u", "c", 20);
        add("u", "a", 10);
        add("u", "d", 30);

        assertThat(recent.of("u")).containsExactly("a", "b", "c", "d");
        assertThat(recent.of("v")).isEmpty();
    }

    @Test
    void countsARepeatedItemOnceAtItsNewestTime() {
        add("u", "a", 10);
        add("u", "b", 20);
        add("u", "a", 30);
        add("u", "b", 5);

        assertThat(recent.of("u")).containsExactly("b", "a");
        assertThat(recent.size()).isEqualTo(2);
    }

    @Test
    void isTheSameAfterTheSameEventsAgain() {
        for (int round = 0; round < 2; round++) {
            add("u", "a", 10);
            add("u", "b", 20);
            add("u", "a", 30);
        }

        assertThat(recent.of("u")).containsExactly("b", "a");
        assertThat(recent.size()).isEqualTo(2);
    }

    @Test
    void keepsTheNewestOfAUser() {
        IntStream.range(0, 600).forEach(i -> add("u", "i" + i, i));
        add("u", "too old", -1);

        assertThat(recent.of("u")).hasSize(500).startsWith("i100").endsWith("i599");
        assertThat(recent.size()).isEqualTo(500);
    }

    @Test
    void forgetsTheUsersWhoHaveBeenAwayLongest() {
        add("first", "a", 1);
        add("second", "a", 1);
        add("second", "b", 1);
        add("third", "a", 1);
        add("first", "b", 2);

        recent.shrink(3);

        assertThat(recent.of("second")).isEmpty();
        assertThat(recent.of("first")).containsExactly("a", "b");
        assertThat(recent.of("third")).containsExactly("a");
        assertThat(recent.size()).isEqualTo(3);
        recent.shrink(0);
        assertThat(recent.size()).isZero();
    }

    @Test
    void passesOverWhatItDoesNotKnow() {
        recent.add(JSON.createObjectNode().put("user", "u"));

        assertThat(recent.of("u")).isEmpty();
    }

    @Test
    void showsReadersWholeListsWhileItIsWritten() throws InterruptedException {
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean torn = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            int last = 0;
            while (!done.get()) {
                List<String> items = recent.of("u");
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
