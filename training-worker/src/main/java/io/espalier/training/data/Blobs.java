package io.espalier.training.data;

import io.espalier.modelkit.task.FileContents;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The files of a dataset's archives, one after the other in one file of this machine: none of the names that a tenant chose
 * becomes one here. Knows them by archive and name, and by whatever a table may call them. One thread writes; any number reads.
 */
final class Blobs implements FileContents, AutoCloseable {
    private static final int BUFFER_BYTES = 1 << 16;

    /** Where a file's bytes are. */
    private record Blob(long offset, int bytes, String name) {
        /** What stands for the file in a cell: {@code 4096:812:cats/12.jpg}. */
        String cell() {
            return offset + ":" + bytes + ":" + name;
        }

        static Blob of(String cell) {
            int first = cell.indexOf(':');
            int second = cell.indexOf(':', first + 1);
            return new Blob(
                    Long.parseLong(cell, 0, first, 10),
                    Integer.parseInt(cell, first + 1, second, 10),
                    cell.substring(second + 1));
        }
    }

    /** Several files have the same name. */
    private static final Blob AMBIGUOUS = new Blob(0, 0, "");

    private final FileChannel channel;
    private final Map<String, Blob> byPart = new HashMap<>();
    /** By path, by base name, and by that without its extension. */
    private final Map<String, Blob> byName = new HashMap<>();

    private long end;

    /** @param file made here, and deleted by whoever owns its folder */
    Blobs(Path file) throws IOException {
        this.channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    int size() {
        return byPart.size();
    }

    /**
     * Appends a file.
     *
     * @param most bytes; of a longer one nothing is kept
     * @return how many bytes it has; one more than {@code most} where it has more
     */
    long add(String part, String name, InputStream content, int most) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long bytes = 0;
        for (int read = content.read(buffer.array()); read >= 0; read = content.read(buffer.array())) {
            if (bytes + read > most) {
                return most + 1L;
            }
            buffer.limit(read).position(0);
            while (buffer.hasRemaining()) {
                bytes += channel.write(buffer, end + bytes);
            }
            buffer.clear();
        }
        Blob blob = new Blob(end, (int) bytes, name);
        end += bytes;
        byPart.put(key(part, name), blob);
        String base = name.substring(name.lastIndexOf('/') + 1);
        name(name, blob);
        if (!base.equals(name)) {
            name(base, blob);
        }
        int dot = base.lastIndexOf('.');
        if (dot > 0) {
            name(base.substring(0, dot), blob);
        }
        return bytes;
    }

    private void name(String name, Blob blob) {
        byName.merge(name, blob, (known, other) -> known.equals(other) ? known : AMBIGUOUS);
    }

    /** @return what stands for the file of this name in this part's archive, as a cell; null where there is none */
    @Nullable
    String inPart(String part, String name) {
        Blob blob = byPart.get(key(part, name));
        return blob == null ? null : blob.cell();
    }

    /**
     * @param name as a table gives it: a path in any of the archives, its end, or its last part with or without extension
     * @return what stands for the file, as a cell; null where there is none, or several
     */
    @Nullable
    String anywhere(String name) {
        String path = name.strip().replace('\\', '/').replaceFirst("^(\\./|/)+", "");
        Blob blob = byName.get(path);
        if (blob == null) {
            // The table's paths and the archive's begin at different folders.
            Blob sameBase = byName.get(path.substring(path.lastIndexOf('/') + 1));
            boolean same =
                    sameBase != null && (sameBase.name.endsWith("/" + path) || path.endsWith("/" + sameBase.name));
            blob = same ? sameBase : null;
        }
        return blob == null || blob.equals(AMBIGUOUS) ? null : blob.cell();
    }

    /** The name of the file that a cell stands for. */
    static String name(String cell) {
        return Blob.of(cell).name;
    }

    static long bytes(String cell) {
        return Blob.of(cell).bytes;
    }

    @Override
    public NamedFile read(String cell) {
        Blob blob = Blob.of(cell);
        ByteBuffer content = ByteBuffer.allocate(blob.bytes);
        try {
            while (content.hasRemaining()) {
                if (channel.read(content, blob.offset + content.position()) < 0) {
                    throw new EOFException("The unpacked file " + blob.name + " ends early");
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new NamedFile(blob.name, content.array());
    }

    private static String key(String part, String name) {
        return part + "\0" + name;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
