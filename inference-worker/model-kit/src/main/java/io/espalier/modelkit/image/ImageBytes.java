package io.espalier.modelkit.image;

import java.util.Objects;
import javax.imageio.stream.ImageInputStreamImpl;

/**
 * A file in memory for a reader of images. Readers may look a little beyond the end; some, led astray by a broken file, would
 * look for minutes, and are stopped.
 */
final class ImageBytes extends ImageInputStreamImpl {
    private static final int MOST_LOOKS_BEYOND = 1000;

    private final byte[] file;
    private int looksBeyond;

    ImageBytes(byte[] file) {
        this.file = file;
    }

    @Override
    public int read() {
        bitOffset = 0;
        return isAtEnd() ? -1 : file[(int) streamPos++] & 255;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, buffer.length);
        bitOffset = 0;
        if (length == 0) {
            return 0;
        }
        if (isAtEnd()) {
            return -1;
        }
        int count = (int) Math.min(length, file.length - streamPos);
        System.arraycopy(file, (int) streamPos, buffer, offset, count);
        streamPos += count;
        return count;
    }

    @Override
    public long length() {
        return file.length;
    }

    /** @throws IllegalStateException the thousandth time; no reader takes it for the end and goes on */
    private boolean isAtEnd() {
        if (streamPos < file.length) {
            return false;
        }
        if (++looksBeyond > MOST_LOOKS_BEYOND) {
            throw new IllegalStateException("The reader looks for more than the file has");
        }
        return true;
    }
}
