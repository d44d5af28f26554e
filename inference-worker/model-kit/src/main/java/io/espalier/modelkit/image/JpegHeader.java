package io.espalier.modelkit.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What a JPEG says of itself before its pixels (ITU-T T.81, annex B).
 *
 * @param components 1 grey, 3 colours, 4 as for print
 * @param orientation as EXIF numbers them, 1 where nothing is said
 */
record JpegHeader(int width, int height, int components, int orientation) {
    private static final int SOI = 0xd8;
    private static final int SOS = 0xda;
    private static final int APP1 = 0xe1;
    private static final byte[] EXIF = {'E', 'x', 'i', 'f', 0, 0};
    private static final int ORIENTATION = 0x0112;
    private static final int SHORT = 3;
    private static final int MOST_FIELDS = 1000;

    /** @return null if the file ends before it says its size, or is broken */
    static @Nullable JpegHeader read(byte[] file) {
        int orientation = 1;
        int position = 2;
        while (position + 4 <= file.length) {
            if ((file[position] & 255) != 255) {
                return null;
            }
            int marker = file[position + 1] & 255;
            if (marker == 255) {
                // Markers may be padded.
                position++;
                continue;
            }
            if (marker == SOI || marker == 1 || marker >= 0xd0 && marker <= 0xd7) {
                position += 2;
                continue;
            }
            int length = unsignedShort(file, position + 2);
            int content = position + 4;
            int end = position + 2 + length;
            if (length < 2 || end > file.length || marker == SOS) {
                return null;
            }
            if (marker == APP1 && orientation == 1) {
                orientation = orientation(file, content, end);
            }
            if (isFrame(marker)) {
                return length < 8
                        ? null
                        : new JpegHeader(
                                unsignedShort(file, content + 3),
                                unsignedShort(file, content + 1),
                                file[content + 5] & 255,
                                orientation);
            }
            position = end;
        }
        return null;
    }

    /** SOF0 to SOF15, without the tables that have their numbers in between. */
    private static boolean isFrame(int marker) {
        return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    }

    /** The first directory of EXIF's TIFF structure; what is broken there turns nothing. */
    private static int orientation(byte[] file, int from, int end) {
        int start = from + EXIF.length;
        if (start + 8 > end) {
            return 1;
        }
        for (int i = 0; i < EXIF.length; i++) {
            if (file[from + i] != EXIF[i]) {
                return 1;
            }
        }
        ByteBuffer tiff = ByteBuffer.wrap(file, start, end - start).slice();
        boolean little = tiff.get(0) == 'I';
        tiff.order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
        long directory = Integer.toUnsignedLong(tiff.getInt(4));
        if (directory + 2 > tiff.limit()) {
            return 1;
        }
        int fields = Math.min(Short.toUnsignedInt(tiff.getShort((int) directory)), MOST_FIELDS);
        for (int i = 0; i < fields; i++) {
            long field = directory + 2 + 12L * i;
            if (field + 12 > tiff.limit()) {
                return 1;
            }
            int at = (int) field;
            if (Short.toUnsignedInt(tiff.getShort(at)) == ORIENTATION && tiff.getShort(at + 2) == SHORT) {
                return Short.toUnsignedInt(tiff.getShort(at + 8));
            }
        }
        return 1;
    }

    private static int unsignedShort(byte[] file, int position) {
        return (file[position] & 255) << 8 | file[position + 1] & 255;
    }
}
