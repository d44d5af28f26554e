package io.espalier.training.task.recommendation;

import io.espalier.modelkit.task.recommendation.Histories;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Who had what, in compressed rows. Immutable; the arrays are not to be written to.
 *
 * @param catalog how many items there are
 * @param offsets where the items of each user begin, and where the last one's end
 * @param items of all users
 */
record Interactions(int catalog, int[] offsets, int[] items) {
    /** @param file as {@link Histories} writes it */
    static Interactions read(Path file, int catalog) {
        try (Arena arena = Arena.ofConfined()) {
            Histories histories = Histories.open(file, arena);
            int[] offsets = new int[histories.users() + 1];
            for (int user = 0; user < histories.users(); user++) {
                offsets[user + 1] = offsets[user] + histories.of(user).length;
            }
            int[] items = new int[offsets[histories.users()]];
            for (int user = 0; user < histories.users(); user++) {
                int[] own = histories.of(user);
                System.arraycopy(own, 0, items, offsets[user], own.length);
            }
            return new Interactions(catalog, offsets, items);
        }
    }

    int users() {
        return offsets.length - 1;
    }

    long size() {
        return items.length;
    }

    void write(Path file) throws IOException {
        Histories.write(file, offsets, items);
    }

    /** These, each user's followed by what the same user has there. */
    Interactions with(Interactions later) {
        int[] bothOffsets = new int[offsets.length];
        int[] both = new int[items.length + later.items.length];
        for (int user = 0; user < users(); user++) {
            int own = offsets[user + 1] - offsets[user];
            int others = later.offsets[user + 1] - later.offsets[user];
            System.arraycopy(items, offsets[user], both, bothOffsets[user], own);
            System.arraycopy(later.items, later.offsets[user], both, bothOffsets[user] + own, others);
            bothOffsets[user + 1] = bothOffsets[user] + own + others;
        }
        return new Interactions(catalog, bothOffsets, both);
    }

    /** Those of the first user and of every one that is a multiple of {@code step} after it. */
    Interactions ofEvery(int step) {
        if (step == 1) {
            return this;
        }
        int[] some = new int[Math.ceilDiv(users(), step) + 1];
        for (int user = 0; user < some.length - 1; user++) {
            some[user + 1] = some[user] + offsets[user * step + 1] - offsets[user * step];
        }
        int[] theirs = new int[some[some.length - 1]];
        for (int user = 0; user < some.length - 1; user++) {
            System.arraycopy(items, offsets[user * step], theirs, some[user], some[user + 1] - some[user]);
        }
        return new Interactions(catalog, some, theirs);
    }

    /** The same, the items of each user in ascending order. */
    Interactions sorted() {
        int[] ascending = items.clone();
        for (int user = 0; user < users(); user++) {
            Arrays.sort(ascending, offsets[user], offsets[user + 1]);
        }
        return new Interactions(catalog, offsets, ascending);
    }

    /** Users by item, in ascending order: rows and columns change places. */
    Interactions transposed() {
        int[] begin = new int[catalog + 1];
        for (int item : items) {
            begin[item + 1]++;
        }
        for (int item = 0; item < catalog; item++) {
            begin[item + 1] += begin[item];
        }
        int[] next = begin.clone();
        int[] users = new int[items.length];
        for (int user = 0; user < users(); user++) {
            for (int i = offsets[user]; i < offsets[user + 1]; i++) {
                users[next[items[i]]++] = user;
            }
        }
        return new Interactions(users(), begin, users);
    }

    /**
     * The same in a smaller catalog.
     *
     * @param kept positions of all items that anybody has, ascending
     */
    Interactions among(int[] kept) {
        int[] places = new int[catalog];
        for (int place = 0; place < kept.length; place++) {
            places[kept[place]] = place;
        }
        return new Interactions(
                kept.length,
                offsets,
                Arrays.stream(items).map(item -> places[item]).toArray());
    }

    /** How many users each item has. */
    int[] popularity() {
        int[] users = new int[catalog];
        for (int item : items) {
            users[item]++;
        }
        return users;
    }
}
