package io.espalier.modelkit.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.modelkit.image.UnreadableImageException.Reason;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
    static byte[] resource(String name) {
        try (InputStream in = ImagesTest.class.getResourceAsStream("/images/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int greatestDifference(byte[] some, byte[] others) {
        assertThat(some).hasSameSizeAs(others);
        int greatest = 0;
        for (int i = 0; i < some.length; i++) {
            greatest = Math.max(greatest, Math.abs((some[i] & 255) - (others[i] & 255)));
        }
        return greatest;
    }

    @Nested
    class Reading {
        /** Lossy decoders round differently, and have their own ways between the samples of colours, and with those for print. */
        @ParameterizedTest
        @CsvSource({
            "baseline.jpg, 2",
            "progressive.jpg, 2",
            "grey.jpg, 2",
            "print.jpg, 12",
            "colours.png, 0",
            "palette.png, 0",
            "grey16.png, 1",
            "transparent.png, 1",
            "picture.bmp, 0",
            "picture.gif, 0",
            "animated.gif, 0",
            "lossless.webp, 0",
            "lossy.webp, 14",
            "picture.ppm, 0",
            "picture.pgm, 0"
        })
        void seesWhatPillowSees(String name, int tolerance) {
            Pixels pixels = Images.decode(resource(name)).pixels();

            assertThat(pixels.width()).isEqualTo(24);
            assertThat(pixels.height()).isEqualTo(16);
            assertThat(greatestDifference(pixels.rgb(), resource(name + ".rgb")))
                    .isLessThanOrEqualTo(tolerance);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8})
        void turnsAPictureAsItsCameraSays(int orientation) {
            String name = "orientation-" + orientation + ".jpg";

            Images.Decoded image = Images.decode(resource(name));

            assertThat(image.width()).isEqualTo(orientation < 5 ? 24 : 16);
            assertThat(greatestDifference(image.pixels().rgb(), resource(name + ".rgb")))
                    .isLessThanOrEqualTo(2);
        }

        @Test
        void tellsFormatsByContent() {
            assertThat(Images.decode(resource("lossy.webp")).format()).isEqualTo(Images.Format.WEBP);
            assertThat(Images.decode(resource("animated.gif")).animated()).isTrue();
            assertThat(Images.decode(resource("picture.gif")).animated()).isFalse();
        }
    }

    @Nested
    class Refusing {
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "baseline.jpg",
                    "progressive.jpg",
                    "print.jpg",
                    "colours.png",
                    "palette.png",
                    "picture.bmp",
                    "lossless.webp",
                    "picture.ppm"
                })
        void saysOfAFileThatIsCutOffThatItIsDamaged(String name) {
            byte[] file = resource(name);
            for (int share = 1; share <= 9; share++) {
                byte[] cut = Arrays.copyOf(file, Math.max(8, file.length * share / 10));

                assertThatThrownBy(() -> Images.decode(cut))
                        .as("%d of %d bytes", cut.length, file.length)
                        .isInstanceOfSatisfying(
                                UnreadableImageException.class,
                                e -> assertThat(e.reason()).isIn(Reason.DAMAGED_IMAGE, Reason.NOT_AN_IMAGE));
            }
        }

        @Test
        void saysOfOtherFilesThatTheyAreNoImages() {
            for (String text : List.of("", "hello", "<svg xmlns='http://www.w3.org/2000/svg'/>", "%PDF-1.7")) {
                assertThatThrownBy(() -> Images.decode(text.getBytes(StandardCharsets.US_ASCII)))
                        .isInstanceOfSatisfying(
                                UnreadableImageException.class,
                                e -> assertThat(e.reason()).isEqualTo(Reason.NOT_AN_IMAGE));
            }
        }

        @Test
        @Timeout(value = 5, unit = TimeUnit.SECONDS)
        void refusesAHugePictureBeforeItDecodesIt() {
            assertThatThrownBy(() -> Images.decode(png(60_000, 60_000, new byte[0])))
                    .isInstanceOfSatisfying(UnreadableImageException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.IMAGE_TOO_LARGE);
                        assertThat(e).hasMessageContaining("60,000 x 60,000");
                    });
        }

        @Test
        void refusesAPictureOfAFewPixels() {
            assertThatThrownBy(() -> Images.decode(png(3, 40, new byte[0])))
                    .isInstanceOfSatisfying(
                            UnreadableImageException.class,
                            e -> assertThat(e.reason()).isEqualTo(Reason.IMAGE_TOO_SMALL));
        }

        /** Java's reader would take the memory that the file says its picture within needs: 905 MB. */
        @ParameterizedTest
        @ValueSource(bytes = {4, 5})
        void doesNotReadAPictureWithinABmp(byte compression) {
            byte[] bmp = resource("picture.bmp");
            bmp[30] = compression;
            bmp[37] = 0x36;

            assertThatThrownBy(() -> Images.decode(bmp))
                    .isInstanceOf(UnreadableImageException.class)
                    .hasMessage("is a BMP around a JPEG or PNG; take that itself");
        }

        /** Unpacked it would be two gibibytes of text, more than this JVM has. */
        @Test
        @Timeout(value = 60, unit = TimeUnit.SECONDS)
        void doesNotUnpackTheTextsOfAPng() {
            byte[] packed = deflated(2048, 1 << 20);
            byte[] text = new byte[packed.length + 4];
            text[0] = 'a';
            System.arraycopy(packed, 0, text, 3, packed.length);

            Pixels pixels = Images.decode(png(8, 8, chunk("zTXt", text))).pixels();

            assertThat(pixels.width()).isEqualTo(8);
        }
    }

    static Stream<String> everyFormat() {
        return Stream.of(
                "baseline.jpg",
                "progressive.jpg",
                "print.jpg",
                "orientation-6.jpg",
                "colours.png",
                "palette.png",
                "grey16.png",
                "picture.bmp",
                "picture.gif",
                "animated.gif",
                "lossless.webp",
                "lossy.webp",
                "picture.ppm");
    }

    /** Found by fuzzing: 120 bytes that had a reader take half a gigabyte. */
    @Test
    void refusesAWebPThatClaimsMoreThanItsReaderCanHold() {
        assertThatThrownBy(() -> Images.decode(resource("claims-much.webp")))
                .isInstanceOf(UnreadableImageException.class)
                .hasMessageContaining("of WebP at most 4 million are read");
    }

    /** A mutated file is an image or an {@link UnreadableImageException}, and nothing else ever. */
    @ParameterizedTest
    @MethodSource("everyFormat")
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void neverFailsOtherwiseWhateverAFileHolds(String name) {
        byte[] file = resource(name);
        Random random = new Random(name.hashCode());
        for (int i = 0; i < 300; i++) {
            byte[] mutated = file.clone();
            for (int change = random.nextInt(8); change >= 0; change--) {
                mutated[random.nextInt(mutated.length)] = (byte) random.nextInt();
            }
            try {
                Pixels pixels = Images.decode(mutated).pixels();
                assertThat((long) pixels.width() * pixels.height()).isLessThanOrEqualTo(Images.MOST_PIXELS);
            } catch (UnreadableImageException e) {
                assertThat(e.getMessage()).isNotBlank();
            }
        }
    }

    @Nested
    class Resampling {
        private final Pixels picture = Images.decode(resource("colours.png")).pixels();

        @ParameterizedTest
        @CsvSource({"10, 7", "48, 32", "24, 5"})
        void scalesAsPillowDoes(int width, int height) {
            Pixels scaled = picture.resampled(0, 0, 24, 16, width, height);

            assertThat(greatestDifference(scaled.rgb(), resource("resized-" + width + "x" + height + ".rgb")))
                    .isLessThanOrEqualTo(1);
        }

        @Test
        void scalesAPart() {
            Pixels part = picture.resampled(4, 0, 16, 16, 8, 8);

            assertThat(greatestDifference(part.rgb(), resource("resized-part.rgb")))
                    .isLessThanOrEqualTo(1);
        }

        @Test
        void cutsOutWholePixelsUnchanged() {
            Pixels part = picture.resampled(3, 2, 5, 4, 5, 4);

            for (int y = 0; y < 4; y++) {
                for (int x = 0; x < 5; x++) {
                    for (int channel = 0; channel < 3; channel++) {
                        assertThat(part.rgb()[3 * (5 * y + x) + channel])
                                .isEqualTo(picture.rgb()[3 * (24 * (y + 2) + x + 3) + channel]);
                    }
                }
            }
        }
    }

    /** A PNG of 8 x 8 black pixels that says it has others. */
    private static byte[] png(int width, int height, byte[] extra) {
        byte[] header = ByteBuffer.allocate(13)
                .putInt(width)
                .putInt(height)
                .put(new byte[] {8, 2, 0, 0, 0})
                .array();
        var out = new ByteArrayOutputStream();
        out.writeBytes(new byte[] {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'});
        out.writeBytes(chunk("IHDR", header));
        out.writeBytes(extra);
        out.writeBytes(chunk("IDAT", deflated(1, 8 * 25)));
        out.writeBytes(chunk("IEND", new byte[0]));
        return out.toByteArray();
    }

    private static byte[] deflated(int times, int zeros) {
        var out = new ByteArrayOutputStream();
        try (var deflater = new DeflaterOutputStream(out)) {
            byte[] block = new byte[zeros];
            for (int i = 0; i < times; i++) {
                deflater.write(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    private static byte[] chunk(String type, byte[] content) {
        var out = new ByteArrayOutputStream();
        try (var data = new DataOutputStream(out)) {
            byte[] name = type.getBytes(StandardCharsets.US_ASCII);
            CRC32 crc = new CRC32();
            crc.update(name);
            crc.update(content);
            data.writeInt(content.length);
            data.write(name);
            data.write(content);
            data.writeInt((int) crc.getValue());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }
}
