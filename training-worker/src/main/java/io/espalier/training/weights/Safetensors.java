package io.espalier.training.weights;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The safetensors format (huggingface/safetensors, "Format"): the length of the header as a little-endian 64-bit number, the
 * header as JSON, then the tensors' bytes without gaps. Reading trusts nothing: every tensor must lie inside the file, be
 * exactly as long as its shape says, and share no byte with another.
 */
public final class Safetensors {
    /** What a header may hold: some forty thousand tensors. */
    private static final long MAX_HEADER_BYTES = 4_000_000;

    private static final int LENGTH_BYTES = 8;
    private static final int BUFFER_FLOATS = 1 << 16;
    private static final String METADATA = "__metadata__";
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Safetensors() {}

    private enum Type {
        F32(4, true),
        F16(2, true),
        BF16(2, true),
        I64(8, false),
        I32(4, false),
        BOOL(1, false);

        private final int bytes;
        private final boolean real;

        Type(int bytes, boolean real) {
            this.bytes = bytes;
            this.real = real;
        }
    }

    /** @param begin in bytes after the header */
    private record Entry(String name, Type type, long[] shape, long begin, long end) {}

    private record Header(List<Entry> entries, Map<String, String> metadata, long bytes) {}

    /**
     * Reads every tensor of real numbers, half precision widened to float. Whole numbers, which PyTorch keeps beside weights as indices
     * and counters, are passed over.
     *
     * @return in the order of the file
     * @throws InvalidWeightsException naming the tensor that is wrong
     */
    public static Map<String, Tensor> read(Path file) throws IOException {
        try (Opened opened = open(file)) {
            Map<String, Tensor> tensors = LinkedHashMap.newLinkedHashMap(opened.tensors.size());
            opened.tensors.forEach((name, tensor) -> tensors.put(name, tensor.read()));
            return tensors;
        }
    }

    /**
     * Like {@link #read}, but a tensor at a time: for files that memory need not hold.
     *
     * @throws InvalidWeightsException naming the tensor that is wrong
     */
    @SuppressWarnings("MustBeClosedChecker") // Closed by what is opened.
    public static Opened open(Path file) throws IOException {
        Arena arena = Arena.ofConfined();
        try (FileChannel channel = FileChannel.open(file)) {
            Header header = header(channel);
            MemorySegment data = channel.map(MapMode.READ_ONLY, header.bytes, channel.size() - header.bytes, arena);
            Map<String, TensorSource> tensors = LinkedHashMap.newLinkedHashMap(header.entries.size());
            for (Entry entry : header.entries) {
                if (entry.type.real) {
                    MemorySegment bytes = data.asSlice(entry.begin, entry.end - entry.begin);
                    tensors.put(entry.name, new Mapped(entry, bytes));
                }
            }
            return new Opened(arena, tensors);
        } catch (IOException | RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** The tensors of a file, which last until this is closed. For one thread. */
    public static final class Opened implements AutoCloseable {
        private final Arena arena;
        private final Map<String, TensorSource> tensors;

        private Opened(Arena arena, Map<String, TensorSource> tensors) {
            this.arena = arena;
            this.tensors = Collections.unmodifiableMap(tensors);
        }

        /** In the order of the file. */
        public Map<String, TensorSource> tensors() {
            return tensors;
        }

        @Override
        public void close() {
            arena.close();
        }
    }

    private record Mapped(Entry entry, MemorySegment bytes) implements TensorSource {
        @Override
        public long[] shape() {
            return entry.shape;
        }

        @Override
        public float[] values() {
            return floats(bytes, entry.type);
        }
    }

    /** Reads what the file says about itself. */
    public static Map<String, String> metadata(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return header(channel).metadata;
        }
    }

    /** Writes the tensors as F32, by name: equal contents give equal bytes. Replaces the file if it exists. */
    public static void write(Path file, Map<String, ? extends TensorSource> tensors, Map<String, String> metadata)
            throws IOException {
        Map<String, TensorSource> sorted = new TreeMap<>(tensors);
        byte[] header = header(sorted, new TreeMap<>(metadata));
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer buffer =
                    ByteBuffer.allocateDirect(BUFFER_FLOATS * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            drain(buffer.putLong(header.length).flip(), channel);
            drain(ByteBuffer.wrap(header), channel);
            for (TensorSource tensor : sorted.values()) {
                float[] values = tensor.values();
                for (int from = 0; from < values.length; from += BUFFER_FLOATS) {
                    int count = Math.min(BUFFER_FLOATS, values.length - from);
                    buffer.clear().asFloatBuffer().put(values, from, count);
                    drain(buffer.limit(count * Float.BYTES), channel);
                }
            }
        }
    }

    private static byte[] header(Map<String, TensorSource> tensors, Map<String, String> metadata) {
        ObjectNode header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            header.set(METADATA, JSON.valueToTree(metadata));
        }
        long offset = 0;
        for (var tensor : tensors.entrySet()) {
            ObjectNode entry = header.putObject(tensor.getKey()).put("dtype", Type.F32.name());
            ArrayNode shape = entry.putArray("shape");
            Arrays.stream(tensor.getValue().shape()).forEach(shape::add);
            long end = offset + Float.BYTES * tensor.getValue().elements();
            entry.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] json = JSON.writeValueAsBytes(header);
        // Spaces align the tensors to eight bytes, as the format recommends.
        byte[] padded = Arrays.copyOf(json, Math.ceilDiv(json.length, 8) * 8);
        Arrays.fill(padded, json.length, padded.length, (byte) ' ');
        return padded;
    }

    private static void drain(ByteBuffer buffer, FileChannel channel) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    private static float[] floats(MemorySegment bytes, Type type) {
        float[] values = new float[Math.toIntExact(bytes.byteSize() / type.bytes)];
        switch (type) {
            case F32 -> MemorySegment.copy(bytes, FLOAT, 0, values, 0, values.length);
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(bytes.getAtIndex(SHORT, i));
                }
            }
            case I64, I32, BOOL -> throw new IllegalArgumentException("Not of real numbers: " + type);
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(bytes.getAtIndex(SHORT, i) << 16);
                }
            }
        }
        return values;
    }

    private static Header header(FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw new InvalidWeightsException("The file is too short to be safetensors: %d bytes.".formatted(size));
        }
        ByteBuffer prefix = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        fill(prefix, channel, 0);
        long length = prefix.getLong(0);
        if (length < 2 || length > MAX_HEADER_BYTES || length > size - LENGTH_BYTES) {
            throw new InvalidWeightsException("The header says that it is %s bytes long, in a file of %d."
                    .formatted(Long.toUnsignedString(length), size));
        }
        ByteBuffer json = ByteBuffer.allocate((int) length);
        fill(json, channel, LENGTH_BYTES);
        return parse(json.array(), size - LENGTH_BYTES - length, LENGTH_BYTES + length);
    }

    private static void fill(ByteBuffer buffer, FileChannel channel, long position) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new InvalidWeightsException("The file ends inside its header.");
            }
        }
    }

    private static Header parse(byte[] json, long dataBytes, long headerBytes) {
        JsonNode root;
        try {
            root = JSON.readTree(json);
        } catch (JacksonException e) {
            throw new InvalidWeightsException("The header is not JSON: " + e.getOriginalMessage(), e);
        }
        if (!root.isObject()) {
            throw new InvalidWeightsException("The header is not a JSON object.");
        }
        List<Entry> entries = new ArrayList<>();
        Map<String, String> metadata = new TreeMap<>();
        for (var property : root.properties()) {
            if (property.getKey().equals(METADATA)) {
                property.getValue()
                        .properties()
                        .forEach(pair -> metadata.put(
                                pair.getKey(),
                                pair.getValue().isString() ? pair.getValue().stringValue() : ""));
            } else {
                entries.add(entry(property.getKey(), property.getValue(), dataBytes));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long expected = 0;
        for (Entry entry : entries) {
            if (entry.begin != expected) {
                throw invalid(
                        entry.name,
                        entry.begin < expected
                                ? "shares bytes with another tensor"
                                : "follows %d bytes that belong to no tensor".formatted(entry.begin - expected));
            }
            expected = entry.end;
        }
        if (expected != dataBytes) {
            throw new InvalidWeightsException(
                    "The file holds %d bytes after its last tensor.".formatted(dataBytes - expected));
        }
        return new Header(List.copyOf(entries), Map.copyOf(metadata), headerBytes);
    }

    private static Entry entry(String name, JsonNode node, long dataBytes) {
        if (!node.isObject()) {
            throw invalid(name, "is not described by an object");
        }
        Type type = type(name, node.path("dtype"));
        long[] shape = longs(name, "shape", node.path("shape"));
        long[] offsets = longs(name, "data_offsets", node.path("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > dataBytes) {
            throw invalid(name, "lies at %s of %d bytes".formatted(Arrays.toString(offsets), dataBytes));
        }
        long elements;
        try {
            elements = Tensor.elements(shape);
        } catch (ArithmeticException e) {
            throw invalid(name, "has the impossible shape " + Arrays.toString(shape));
        }
        // Divided, not multiplied: a product could overflow to the right length.
        long bytes = offsets[1] - offsets[0];
        if (bytes % type.bytes != 0 || bytes / type.bytes != elements) {
            throw invalid(
                    name, "has %d bytes, which its shape %s does not need".formatted(bytes, Arrays.toString(shape)));
        }
        if (elements > Integer.MAX_VALUE - 8) {
            throw invalid(name, "is too large: %d values".formatted(elements));
        }
        return new Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private static Type type(String name, JsonNode node) {
        String word = node.isString() ? node.stringValue() : node.toString();
        return Arrays.stream(Type.values())
                .filter(type -> type.name().equals(word))
                .findFirst()
                .orElseThrow(() ->
                        invalid(name, "has the type %s; read are %s".formatted(word, Arrays.toString(Type.values()))));
    }

    private static long[] longs(String name, String member, JsonNode node) {
        if (!node.isArray()) {
            throw invalid(name, "has no list " + member);
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode value = node.get(i);
            if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
                throw invalid(name, "has %s in its %s".formatted(value, member));
            }
            values[i] = value.longValue();
        }
        return values;
    }

    private static InvalidWeightsException invalid(String name, String what) {
        return new InvalidWeightsException("The tensor " + name + " " + what + ".");
    }
}
