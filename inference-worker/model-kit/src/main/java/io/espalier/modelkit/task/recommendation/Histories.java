package io.espalier.modelkit.task.recommendation;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The items of every user, the newest last. It lies in a mapped file and takes no heap. Thread-safe.
 *
 * <p>The file, all numbers big-endian, 32 bits: how many users; where the items of each begin, and where the last one's end,
 * counted in items; the items, as positions in the catalog.
 */
public final class Histories {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment file;
    private final int users;

    private Histories(MemorySegment file) {
        this.file = file;
        this.users = file.get(INT, 0);
    }

    /**
     * @param offsets where the items of each user begin, and where the last one's end
     * @param items of all users
     */
    public static void write(Path file, int[] offsets, int[] items) throws IOException {
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
            out.writeInt(offsets.length - 1);
            for (int offset : offsets) {
                out.writeInt(offset);
            }
            for (int i = 0; i < offsets[offsets.length - 1]; i++) {
                out.writeInt(items[i]);
            }
        }
    }

    /** @param items of each user */
    public static void write(Path file, int[][] items) throws IOException {
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
            out.writeInt(items.length);
            int end = 0;
            out.writeInt(end);
            for (int[] of : items) {
                end = Math.addExact(end, of.length);
                out.writeInt(end);
            }
            for (int[] of : items) {
                for (int item : of) {
                    out.writeInt(item);
                }
            }
        }
    }

    /** @param arena outlives the histories */
    public static Histories open(Path file, Arena arena) {
        return new Histories(MappedFiles.open(file, arena));
    }

    public int users() {
        return users;
    }

    /** All items of a user. */
    public int[] of(int user) {
        int begin = number(1 + user);
        int[] items = new int[number(2 + user) - begin];
        for (int i = 0; i < items.length; i++) {
            items[i] = number(2L + users + begin + i);
        }
        return items;
    }

    private int number(long index) {
        return file.get(INT, index * Integer.BYTES);
    }
}
