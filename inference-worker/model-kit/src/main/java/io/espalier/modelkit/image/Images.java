package io.espalier.modelkit.image;

import io.espalier.modelkit.image.UnreadableImageException.Reason;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReadParam;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import org.jspecify.annotations.Nullable;

/**
 * Decodes images by Java's and TwelveMonkeys' readers. Thread-safe. Memory is bounded: sizes are looked at before pixels, images
 * far beyond what any model reads are thinned out as they are read, and only so many pixels are decoded at once, however
 * many threads ask.
 */
public final class Images {
    /** Of a file. */
    public static final int MOST_BYTES = 32 << 20;
    /** Width times height; above it a picture is a mosaic, or an attack. */
    public static final int MOST_PIXELS = 50_000_000;
    /** The same of WebP: its reader keeps some 30 bytes a pixel, and a file of a hundred bytes may claim any size. */
    private static final int MOST_WEBP_PIXELS = 4_000_000;
    /** Of either side. */
    public static final int FEWEST_PIXELS_A_SIDE = 4;
    /** Above it every second pixel of every second row is read, every third, and so on. */
    private static final int READ_WHOLE_PIXELS = 12_000_000;

    /** Where the compression stands: a little-endian number, of which the values that are known need one byte. */
    private static final int BMP_COMPRESSION = 30;

    private static final int BMP_OF_JPEG = 4;
    private static final int BMP_OF_PNG = 5;

    private static final int PIXELS_A_PERMIT = 1000;
    private static final Semaphore PERMITS = new Semaphore(MOST_PIXELS / PIXELS_A_PERMIT, true);

    static {
        ImageIO.setUseCache(false);
    }

    private Images() {}

    /** The formats that are read, told apart by content. */
    public enum Format {
        JPEG,
        PNG,
        GIF,
        BMP,
        WEBP,
        PNM;

        /** The word in lower case: {@code jpeg}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** @return null where it is none of them */
        public static @Nullable Format of(byte[] file) {
            String start = new String(file, 0, Math.min(file.length, 12), StandardCharsets.ISO_8859_1);
            if (start.startsWith("\u00ff\u00d8\u00ff")) {
                return JPEG;
            }
            if (start.startsWith("\u0089PNG\r\n\u001a\n")) {
                return PNG;
            }
            if (start.startsWith("GIF87a") || start.startsWith("GIF89a")) {
                return GIF;
            }
            if (start.startsWith("RIFF") && start.startsWith("WEBP", 8)) {
                return WEBP;
            }
            if (start.startsWith("BM")) {
                return BMP;
            }
            boolean pnm = start.length() > 2 && start.charAt(0) == 'P' && "123456".indexOf(start.charAt(1)) >= 0;
            return pnm && Character.isWhitespace(start.charAt(2)) ? PNM : null;
        }
    }

    /**
     * @param width and height: of the file, turned as its camera says; {@code pixels} may be fewer
     * @param animated whether it has more images than the first, which is the one decoded
     */
    public record Decoded(Pixels pixels, Format format, int width, int height, boolean animated) {}

    /** @throws UnreadableImageException if it is no image, or none that can be used */
    public static Decoded decode(byte[] file) {
        if (file.length > MOST_BYTES) {
            throw new UnreadableImageException(
                    Reason.IMAGE_TOO_LARGE, "has %,d bytes; at most %,d are read".formatted(file.length, MOST_BYTES));
        }
        Format format = Format.of(file);
        if (format == null) {
            throw new UnreadableImageException(
                    Reason.NOT_AN_IMAGE,
                    file.length == 0 ? "is empty" : "is no image in JPEG, PNG, GIF, BMP, WebP or PNM");
        }
        try {
            return switch (format) {
                case JPEG -> jpeg(file);
                case PNG -> {
                    byte[] needed = PngChunks.pixelsOnly(file);
                    if (needed == null) {
                        throw damaged("is cut off");
                    }
                    yield read(needed, format, 1, 1);
                }
                case BMP -> bmp(file);
                case GIF, WEBP, PNM -> read(file, format, 1, 1);
            };
        } catch (UnreadableImageException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Readers throw whatever a broken file makes them stumble over.
            throw damaged("is damaged: it cannot be decoded");
        }
    }

    private static Decoded jpeg(byte[] file) throws IOException {
        JpegHeader header = JpegHeader.read(file);
        if (header == null) {
            throw damaged("is cut off");
        }
        checkSize(Format.JPEG, header.width(), header.height());
        return read(file, Format.JPEG, header.components(), header.orientation());
    }

    /** Java's reader takes as much memory for a picture within the picture as the file says that it needs. */
    private static Decoded bmp(byte[] file) throws IOException {
        if (file.length > BMP_COMPRESSION) {
            int compression = file[BMP_COMPRESSION];
            if (compression == BMP_OF_JPEG || compression == BMP_OF_PNG) {
                throw damaged("is a BMP around a JPEG or PNG; take that itself");
            }
        }
        return read(file, Format.BMP, 1, 1);
    }

    private static Decoded read(byte[] file, Format format, int components, int orientation) throws IOException {
        ImageReader reader = reader(format, components);
        try (ImageInputStream in = new ImageBytes(file)) {
            AtomicBoolean cutOff = new AtomicBoolean();
            reader.addIIOReadWarningListener((_, warning) -> {
                if (warning != null && isEnd(warning)) {
                    cutOff.set(true);
                }
            });
            reader.setInput(in, false, true);
            int width = reader.getWidth(0);
            int height = reader.getHeight(0);
            checkSize(format, width, height);
            Pixels pixels = pixels(reader, format, width, height);
            if (cutOff.get()) {
                throw damaged("is cut off");
            }
            boolean turned = orientation >= 5 && orientation <= 8;
            return new Decoded(
                    pixels.oriented(orientation),
                    format,
                    turned ? height : width,
                    turned ? width : height,
                    format == Format.GIF && hasSecondImage(reader));
        } finally {
            reader.dispose();
        }
    }

    /** Waits until as much memory is free. Tables of a WebP may take as much as the largest picture. */
    private static Pixels pixels(ImageReader reader, Format format, int width, int height) throws IOException {
        int permits = Math.ceilDiv(format == Format.WEBP ? MOST_PIXELS : width * height, PIXELS_A_PERMIT);
        PERMITS.acquireUninterruptibly(permits);
        try {
            ImageReadParam how = reader.getDefaultReadParam();
            int step = (int) Math.ceil(Math.sqrt((double) width * height / READ_WHOLE_PIXELS));
            if (step > 1) {
                how.setSourceSubsampling(step, step, 0, 0);
            }
            BufferedImage image = reader.read(0, how);
            return Pixels.of(image);
        } finally {
            PERMITS.release(permits);
        }
    }

    /** What libjpeg says, and TwelveMonkeys after it, where it makes up the rest of an image. */
    private static boolean isEnd(String warning) {
        String words = warning.toLowerCase(Locale.ROOT);
        return words.contains("premature end") || words.contains("truncated") || words.contains("corrupt");
    }

    private static boolean hasSecondImage(ImageReader reader) {
        try {
            return reader.getNumImages(true) > 1;
        } catch (IOException | RuntimeException e) {
            return false;
        }
    }

    /** Java's own reader for a JPEG is three times as fast as the one that also reads those made for print. */
    private static ImageReader reader(Format format, int components) throws IOException {
        boolean own = format != Format.JPEG || components != 4;
        ImageReader other = null;
        Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format.word());
        while (readers.hasNext()) {
            ImageReader reader = readers.next();
            if (own == reader.getClass().getName().startsWith("com.sun.")) {
                return reader;
            }
            other = reader;
        }
        if (other == null) {
            throw new IOException("There is no reader for " + format);
        }
        return other;
    }

    private static void checkSize(Format format, int width, int height) {
        int most = format == Format.WEBP ? MOST_WEBP_PIXELS : MOST_PIXELS;
        if ((long) width * height > most) {
            throw new UnreadableImageException(
                    Reason.IMAGE_TOO_LARGE,
                    "has %,d x %,d pixels; %sat most %d million are read"
                            .formatted(width, height, format == Format.WEBP ? "of WebP " : "", most / 1_000_000));
        }
        if (width < FEWEST_PIXELS_A_SIDE || height < FEWEST_PIXELS_A_SIDE) {
            throw new UnreadableImageException(
                    Reason.IMAGE_TOO_SMALL,
                    "has %d x %d pixels; at least %d a side are needed".formatted(width, height, FEWEST_PIXELS_A_SIDE));
        }
    }

    private static UnreadableImageException damaged(String message) {
        return new UnreadableImageException(Reason.DAMAGED_IMAGE, message);
    }
}
