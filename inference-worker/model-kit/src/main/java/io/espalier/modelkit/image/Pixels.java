package io.espalier.modelkit.image;

import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;

/**
 * A decoded image, 8 bits a sample. The array is shared, not copied: nobody writes to it any more.
 *
 * @param rgb row by row from the top, three bytes a pixel
 */
public record Pixels(int width, int height, byte[] rgb) {
    private static final int OPAQUE = 255;

    public Pixels {
        if ((long) width * height * 3 != rgb.length) {
            throw new IllegalArgumentException("%d bytes are no image of %d x %d".formatted(rgb.length, width, height));
        }
    }

    /**
     * Samples as they are stored, scaled to 8 bits: grey becomes three equal ones, without the correction of the light curve
     * that Java makes of grey, and what is transparent becomes white.
     */
    static Pixels of(BufferedImage image) {
        Raster raster = image.getRaster();
        int width = raster.getWidth();
        int height = raster.getHeight();
        byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(width, height), 3)];
        if (image.getType() == BufferedImage.TYPE_3BYTE_BGR && raster.getDataBuffer() instanceof DataBufferByte data) {
            byte[] bgr = data.getData();
            if (bgr.length == rgb.length) {
                for (int i = 0; i < bgr.length; i += 3) {
                    rgb[i] = bgr[i + 2];
                    rgb[i + 1] = bgr[i + 1];
                    rgb[i + 2] = bgr[i];
                }
                return new Pixels(width, height, rgb);
            }
        }
        Samples samples = Samples.of(image);
        int[] row = new int[width * raster.getNumBands()];
        int[] pixel = new int[4];
        for (int y = 0, position = 0; y < height; y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int x = 0; x < width; x++, position += 3) {
                samples.read(row, x * raster.getNumBands(), pixel);
                int alpha = pixel[3];
                for (int channel = 0; channel < 3; channel++) {
                    rgb[position + channel] =
                            (byte) ((pixel[channel] * alpha + OPAQUE * (OPAQUE - alpha) + OPAQUE / 2) / OPAQUE);
                }
            }
        }
        return new Pixels(width, height, rgb);
    }

    /** How a pixel's samples become red, green, blue and alpha of 8 bits. */
    private interface Samples {
        void read(int[] row, int from, int[] pixel);

        static Samples of(BufferedImage image) {
            if (image.getColorModel() instanceof IndexColorModel palette) {
                return (row, from, pixel) -> {
                    int color = palette.getRGB(row[from]);
                    pixel[0] = color >> 16 & OPAQUE;
                    pixel[1] = color >> 8 & OPAQUE;
                    pixel[2] = color & OPAQUE;
                    pixel[3] = color >>> 24;
                };
            }
            int[] bits = image.getColorModel().getComponentSize();
            int bands = image.getRaster().getNumBands();
            boolean grey = bands < 3;
            boolean alpha = image.getColorModel().hasAlpha() && (bands == 2 || bands == 4);
            return (row, from, pixel) -> {
                for (int channel = 0; channel < 3; channel++) {
                    int band = grey ? 0 : channel;
                    pixel[channel] = scaled(row[from + band], bits[band]);
                }
                pixel[3] = alpha ? scaled(row[from + bands - 1], bits[bands - 1]) : OPAQUE;
            };
        }

        private static int scaled(int sample, int bits) {
            int most = (1 << bits) - 1;
            return bits == 8 ? sample : (int) (((long) sample * OPAQUE + most / 2) / most);
        }
    }

    /**
     * The image as a camera meant it.
     *
     * @param orientation 1 to 8, as EXIF numbers them (EXIF 2.32, 4.6.4); anything else turns nothing
     */
    Pixels oriented(int orientation) {
        if (orientation < 2 || orientation > 8) {
            return this;
        }
        boolean transposed = orientation >= 5;
        int newWidth = transposed ? height : width;
        int newHeight = transposed ? width : height;
        boolean mirroredColumns = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
        boolean mirroredRows = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
        byte[] turned = new byte[rgb.length];
        for (int y = 0, position = 0; y < newHeight; y++) {
            for (int x = 0; x < newWidth; x++, position += 3) {
                int column = transposed ? y : x;
                int row = transposed ? x : y;
                int from = 3
                        * ((mirroredRows ? height - 1 - row : row) * width
                                + (mirroredColumns ? width - 1 - column : column));
                turned[position] = rgb[from];
                turned[position + 1] = rgb[from + 1];
                turned[position + 2] = rgb[from + 2];
            }
        }
        return new Pixels(newWidth, newHeight, turned);
    }

    /**
     * A part of the image at another size, by the triangle filter, widened where the image shrinks so that every pixel counts: as
     * Pillow's bilinear resize, and torchvision's with antialias.
     *
     * @param x and y and the others: the part, in pixels; may begin and end inside of one
     */
    public Pixels resampled(double x, double y, double partWidth, double partHeight, int newWidth, int newHeight) {
        if (partWidth == newWidth && partHeight == newHeight && x == Math.rint(x) && y == Math.rint(y)) {
            return cut((int) x, (int) y, newWidth, newHeight);
        }
        Taps columns = Taps.of(x, partWidth, width, newWidth);
        Taps rows = Taps.of(y, partHeight, height, newHeight);
        int firstRow = rows.first(0);
        int lastRow = rows.first(newHeight - 1) + rows.weights[newHeight - 1].length;
        float[] narrow = new float[(lastRow - firstRow) * newWidth * 3];
        for (int row = firstRow, position = 0; row < lastRow; row++) {
            for (int column = 0; column < newWidth; column++, position += 3) {
                float[] weights = columns.weights[column];
                int from = 3 * (row * width + columns.first(column));
                float red = 0;
                float green = 0;
                float blue = 0;
                for (float weight : weights) {
                    red += weight * (rgb[from] & 255);
                    green += weight * (rgb[from + 1] & 255);
                    blue += weight * (rgb[from + 2] & 255);
                    from += 3;
                }
                narrow[position] = red;
                narrow[position + 1] = green;
                narrow[position + 2] = blue;
            }
        }
        byte[] result = new byte[newWidth * newHeight * 3];
        for (int row = 0, position = 0; row < newHeight; row++) {
            float[] weights = rows.weights[row];
            int top = (rows.first(row) - firstRow) * newWidth * 3;
            for (int i = 0; i < newWidth * 3; i++, position++) {
                float sum = 0;
                int from = top + i;
                for (float weight : weights) {
                    sum += weight * narrow[from];
                    from += newWidth * 3;
                }
                result[position] = (byte) Math.clamp(Math.round(sum), 0, 255);
            }
        }
        return new Pixels(newWidth, newHeight, result);
    }

    private Pixels cut(int x, int y, int newWidth, int newHeight) {
        if (newWidth == width && newHeight == height) {
            return this;
        }
        byte[] part = new byte[newWidth * newHeight * 3];
        for (int row = 0; row < newHeight; row++) {
            System.arraycopy(rgb, 3 * ((y + row) * width + x), part, 3 * row * newWidth, 3 * newWidth);
        }
        return new Pixels(newWidth, newHeight, part);
    }

    /** Which pixels of a line make up each new one, and how much of each. */
    private record Taps(int[] firsts, float[][] weights) {
        int first(int index) {
            return firsts[index];
        }

        static Taps of(double from, double length, int size, int newSize) {
            double scale = length / newSize;
            double support = Math.max(1, scale);
            int[] firsts = new int[newSize];
            float[][] weights = new float[newSize][];
            for (int i = 0; i < newSize; i++) {
                double center = from + (i + 0.5) * scale;
                int first = Math.clamp((long) Math.floor(center - support + 0.5), 0, size - 1);
                int last = Math.clamp((long) Math.floor(center + support + 0.5), first + 1, size);
                float[] taps = new float[last - first];
                double sum = 0;
                for (int tap = 0; tap < taps.length; tap++) {
                    double distance = Math.abs(first + tap + 0.5 - center) / support;
                    taps[tap] = (float) Math.max(0, 1 - distance);
                    sum += taps[tap];
                }
                if (sum == 0) {
                    taps[0] = 1;
                    sum = 1;
                }
                for (int tap = 0; tap < taps.length; tap++) {
                    taps[tap] = (float) (taps[tap] / sum);
                }
                firsts[i] = first;
                weights[i] = taps;
            }
            return new Taps(firsts, weights);
        }
    }
}
