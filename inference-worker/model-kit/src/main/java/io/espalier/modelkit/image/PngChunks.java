package io.espalier.modelkit.image;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A PNG with only what pixels need (ISO/IEC 15948, clause 11). Java's reader unpacks the texts of others, of any size, before it
 * looks at the size of the image.
 */
final class PngChunks {
    private static final int SIGNATURE_BYTES = 8;
    private static final int FRAME_BYTES = 12;
    private static final Set<String> NEEDED = Set.of("IHDR", "PLTE", "tRNS", "IDAT", "IEND");

    private PngChunks() {}

    /** @return null if the file ends before its last chunk does */
    static byte @Nullable [] pixelsOnly(byte[] file) {
        ByteBuffer chunks = ByteBuffer.wrap(file);
        ByteArrayOutputStream kept = new ByteArrayOutputStream(file.length);
        kept.write(file, 0, SIGNATURE_BYTES);
        int position = SIGNATURE_BYTES;
        while (position + FRAME_BYTES <= file.length) {
            long length = Integer.toUnsignedLong(chunks.getInt(position));
            if (position + FRAME_BYTES + length > file.length) {
                return null;
            }
            int bytes = FRAME_BYTES + (int) length;
            String type = new String(file, position + 4, 4, java.nio.charset.StandardCharsets.ISO_8859_1);
            if (NEEDED.contains(type)) {
                kept.write(file, position, bytes);
            }
            if (type.equals("IEND")) {
                return kept.toByteArray();
            }
            position += bytes;
        }
        return null;
    }
}
