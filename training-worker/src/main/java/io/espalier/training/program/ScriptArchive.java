package io.espalier.training.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes the archive that {@code torch.jit.load} reads: a zip of stored entries with the source text, and the module's
 * attributes as a pickle (PyTorch, "TorchScript serialization"). Weights are not in it; the methods take them as arguments.
 */
final class ScriptArchive {
    /** Shared by all programs; they call it as {@code __torch__.training}. */
    private static final String SHARED = "training.py";

    private static final Pattern MODULE = Pattern.compile("^class (\\w+)\\(Module\\):", Pattern.MULTILINE);

    private ScriptArchive() {}

    static void write(Program program, Path file) throws IOException {
        String source = source(program.resource());
        Matcher module = MODULE.matcher(source);
        if (!module.find()) {
            throw new IllegalArgumentException(program.resource() + " declares no module.");
        }
        Map<String, Object> attributes = new TreeMap<>(program.attributes());
        // What every module has; its loader insists.
        attributes.put("training", true);
        attributes.put("_is_full_backward_hook", Pickle.NONE);
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.setMethod(ZipOutputStream.STORED);
            put(zip, "data.pkl", Pickle.module(module.group(1), attributes));
            put(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            put(zip, "code/__torch__/" + SHARED, source(SHARED).getBytes(StandardCharsets.UTF_8));
            put(zip, "constants.pkl", Pickle.EMPTY_TUPLE);
            put(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
        }
    }

    private static String source(String resource) {
        try (InputStream in = ScriptArchive.class.getResourceAsStream("/programs/" + resource)) {
            if (in == null) {
                throw new IllegalArgumentException("There is no program " + resource);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry("program/" + name);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /** As much of protocol 2 as a module without tensors needs. */
    private static final class Pickle {
        static final Object NONE = new Object();
        static final byte[] EMPTY_TUPLE = {(byte) 0x80, 2, ')', '.'};

        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        static byte[] module(String className, Map<String, Object> attributes) {
            Pickle pickle = new Pickle();
            pickle.bytes(0x80, 2, 'c');
            pickle.out.writeBytes(("__torch__\n" + className + "\n").getBytes(StandardCharsets.US_ASCII));
            // An object of that class without arguments, a dictionary, and a mark before its items.
            pickle.bytes(')', 0x81, '}', '(');
            attributes.forEach((name, value) -> {
                pickle.text(name);
                pickle.value(value);
            });
            pickle.bytes('u', 'b', '.');
            return pickle.out.toByteArray();
        }

        private void value(Object value) {
            switch (value) {
                case Boolean flag -> bytes(flag ? 0x88 : 0x89);
                case Integer number -> {
                    bytes('J');
                    out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putInt(number)
                            .array());
                }
                case Double number -> {
                    bytes('G');
                    out.writeBytes(ByteBuffer.allocate(Double.BYTES)
                            .order(ByteOrder.BIG_ENDIAN)
                            .putDouble(number)
                            .array());
                }
                default -> {
                    if (value != NONE) {
                        throw new IllegalArgumentException("An attribute cannot be a " + value.getClass());
                    }
                    bytes('N');
                }
            }
        }

        private void text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            bytes('X');
            out.writeBytes(ByteBuffer.allocate(Integer.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(bytes.length)
                    .array());
            out.writeBytes(bytes);
        }

        private void bytes(int... values) {
            for (int value : values) {
                out.write(value);
            }
        }
    }
}
