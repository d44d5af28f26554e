package io.espalier.modelkit.task.recommendation;

import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Ids in the order of their UTF-8 bytes, and their positions in it. It lies in a mapped file and takes no heap, whatever its
 * size. Thread-safe.
 *
 * <p>The file, all numbers big-endian, 32 bits: how many; where each id begins, and where the last one ends, in bytes after this
 * table; the ids.
 */
public final class IdTable {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final MemorySegment offsets;
    private final MemorySegment bytes;
    private final int size;

    private IdTable(MemorySegment file) {
        this.size = file.get(INT, 0);
        long begin = (size + 2L) * Integer.BYTES;
        this.offsets = file.asSlice(Integer.BYTES, begin - Integer.BYTES);
        this.bytes = file.asSlice(begin);
    }

    /**
     * Writes a table.
     *
     * @param ids each once, in the order of their UTF-8 bytes
     */
    public static void write(Path file, List<String> ids) throws IOException {
        try (var out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 16))) {
            out.writeInt(ids.size());
            int end = 0;
            out.writeInt(end);
            for (String id : ids) {
                end = Math.addExact(end, id.getBytes(StandardCharsets.UTF_8).length);
                out.writeInt(end);
            }
            for (String id : ids) {
                out.write(id.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    /** @param arena outlives the table */
    public static IdTable open(Path file, Arena arena) {
        return new IdTable(MappedFiles.open(file, arena));
    }

    public int size() {
        return size;
    }

    public String id(int index) {
        return new String(bytesOf(index), StandardCharsets.UTF_8);
    }

    /** @return the position of an id; negative where there is no such id */
    public int find(String id) {
        byte[] wanted = id.getBytes(StandardCharsets.UTF_8);
        int low = 0;
        int high = size - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(middle, wanted);
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    private int compare(int index, byte[] wanted) {
        int begin = offset(index);
        int length = offset(index + 1) - begin;
        for (int i = 0; i < Math.min(length, wanted.length); i++) {
            int order = Byte.compareUnsigned(bytes.get(ValueLayout.JAVA_BYTE, begin + i), wanted[i]);
            if (order != 0) {
                return order;
            }
        }
        return length - wanted.length;
    }

    private byte[] bytesOf(int index) {
        int begin = offset(index);
        byte[] id = new byte[offset(index + 1) - begin];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, begin, id, 0, id.length);
        return id;
    }

    private int offset(int index) {
        return offsets.get(INT, (long) index * Integer.BYTES);
    }
}
