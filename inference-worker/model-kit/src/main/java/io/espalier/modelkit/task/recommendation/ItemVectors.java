package io.espalier.modelkit.task.recommendation;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.IntStream;

/**
 * What the items of a catalog are like: a vector each, by their attributes; zero where nothing is said of an item. They lie in a
 * mapped file, float32, little-endian, item by item. Thread-safe.
 */
public final class ItemVectors {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BLOCK = 1 << 14;
    /** Of those among which the nearest are looked for; as many spread over all are as near. */
    private static final int MOST_COMPARED = 100_000;

    private final MemorySegment file;
    private final int width;

    private ItemVectors(MemorySegment file, int width) {
        this.file = file;
        this.width = width;
    }

    /** @param values [catalog, width] */
    public static void write(Path file, float[] values) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel out = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int from = 0; from < values.length; from += BLOCK) {
                int length = Math.min(BLOCK, values.length - from);
                block.clear();
                block.asFloatBuffer().put(values, from, length);
                block.limit(length * Float.BYTES);
                while (block.hasRemaining()) {
                    out.write(block);
                }
            }
        }
    }

    /**
     * @param catalog how many items there are, one at least
     * @param arena outlives the vectors
     */
    static ItemVectors open(Path file, int catalog, Arena arena) {
        MemorySegment mapped = MappedFiles.open(file, arena);
        return new ItemVectors(mapped, Math.toIntExact(mapped.byteSize() / Float.BYTES / catalog));
    }

    /** Those of some items among which the nearest to one are looked for. */
    public static int[] compared(int[] items) {
        int step = Math.max(1, Math.ceilDiv(items.length, MOST_COMPARED));
        return IntStream.iterate(0, i -> i < items.length, i -> i + step)
                .map(i -> items[i])
                .toArray();
    }

    /** The vector of an item. */
    float[] of(int item) {
        float[] vector = new float[width];
        MemorySegment.copy(file, FLOAT, (long) item * width * Float.BYTES, vector, 0, width);
        return vector;
    }

    /** The cosine of two items; 0 where nothing is said of one. */
    double similarity(int item, int other) {
        double product = 0;
        double squares = 0;
        double squaresOfOther = 0;
        for (int i = 0; i < width; i++) {
            double a = value(item, i);
            double b = value(other, i);
            product += a * b;
            squares += a * a;
            squaresOfOther += b * b;
        }
        return squares == 0 || squaresOfOther == 0 ? 0 : product / Math.sqrt(squares * squaresOfOther);
    }

    private float value(int item, int index) {
        return file.get(FLOAT, ((long) item * width + index) * Float.BYTES);
    }
}
