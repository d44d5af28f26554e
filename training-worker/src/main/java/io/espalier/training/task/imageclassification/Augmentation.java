package io.espalier.training.task.imageclassification;

import io.espalier.modelkit.image.Pixels;
import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.tune.Hyperparameters;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Changes pictures at random, so that a network sees none of them twice: cuts out and scales, shifts, turns, mirrors, changes
 * colours, and erases. What lies beyond an edge is what its mirror would show.
 *
 * @param size pixels a side of what comes out
 * @param shift at most, as a share of the side
 * @param leastScale the least share of the area that is cut out
 * @param rotation degrees at most
 * @param jitter share by which brightness, contrast and saturation change at most
 * @param erasing probability
 */
record Augmentation(
        int size,
        double shift,
        double leastScale,
        double rotation,
        boolean mirrorsColumns,
        boolean mirrorsRows,
        double jitter,
        double erasing) {
    /** Random erasing (Zhong et al. 2020): share of the area, and the ratio of the sides. */
    private static final double LEAST_ERASED = 0.02;

    private static final double MOST_ERASED = 0.25;
    private static final double WIDEST_RATIO = 3;

    static Augmentation of(Hyperparameters chosen, int size) {
        String flip = chosen.word("flip");
        return new Augmentation(
                size,
                chosen.real("cropShift"),
                chosen.real("leastScale"),
                chosen.real("rotation"),
                !flip.equals("none"),
                flip.equals("both"),
                chosen.real("colorJitter"),
                chosen.real("erasing"));
    }

    /**
     * Changes one picture and standardizes it.
     *
     * @param to gets three planes of {@code size * size}
     */
    void apply(Pixels picture, ImageTransform transform, SplittableRandom random, float[] to, int offset) {
        byte[] rgb = geometry(picture, random);
        if (jitter > 0) {
            recolor(rgb, random);
        }
        transform.standardize(rgb, to, offset);
        if (erasing > 0 && random.nextDouble() < erasing) {
            erase(to, offset, random);
        }
    }

    private byte[] geometry(Pixels picture, SplittableRandom random) {
        int shorter = Math.min(picture.width(), picture.height());
        double area = leastScale < 1 ? leastScale + (1 - leastScale) * random.nextDouble() : 1;
        double side = shorter * Math.sqrt(area);
        double centerX = picture.width() / 2.0 + between(random, (picture.width() - side) / 2 + shift * side);
        double centerY = picture.height() / 2.0 + between(random, (picture.height() - side) / 2 + shift * side);
        boolean columns = mirrorsColumns && random.nextBoolean();
        boolean rows = mirrorsRows && random.nextBoolean();
        double angle = rotation > 0 ? Math.toRadians(between(random, rotation)) : 0;
        if (angle == 0 && side == size) {
            // Whole pixels: nothing is lost by interpolating.
            return shifted(
                    picture, (int) Math.round(centerX - side / 2), (int) Math.round(centerY - side / 2), columns, rows);
        }
        return interpolated(picture, centerX, centerY, side, angle, columns, rows);
    }

    private static double between(SplittableRandom random, double most) {
        return (2 * random.nextDouble() - 1) * most;
    }

    private byte[] shifted(Pixels picture, int left, int top, boolean columns, boolean rows) {
        byte[] from = picture.rgb();
        byte[] rgb = new byte[3 * size * size];
        int[] sources = new int[size];
        for (int x = 0; x < size; x++) {
            sources[x] = 3 * mirrored(left + (columns ? size - 1 - x : x), picture.width());
        }
        for (int y = 0, position = 0; y < size; y++) {
            int row = 3 * picture.width() * mirrored(top + (rows ? size - 1 - y : y), picture.height());
            for (int x = 0; x < size; x++, position += 3) {
                int source = row + sources[x];
                rgb[position] = from[source];
                rgb[position + 1] = from[source + 1];
                rgb[position + 2] = from[source + 2];
            }
        }
        return rgb;
    }

    private byte[] interpolated(
            Pixels picture, double centerX, double centerY, double side, double angle, boolean columns, boolean rows) {
        int width = picture.width();
        int height = picture.height();
        byte[] from = picture.rgb();
        byte[] rgb = new byte[3 * size * size];
        double step = side / size;
        float cos = (float) (Math.cos(angle) * step);
        float sin = (float) (Math.sin(angle) * step);
        for (int y = 0, position = 0; y < size; y++) {
            float v = (rows ? size - 1 - y : y) + 0.5f - size / 2f;
            for (int x = 0; x < size; x++, position += 3) {
                float u = (columns ? size - 1 - x : x) + 0.5f - size / 2f;
                float sourceX = (float) centerX + u * cos - v * sin - 0.5f;
                float sourceY = (float) centerY + u * sin + v * cos - 0.5f;
                int left = (int) Math.floor(sourceX);
                int top = (int) Math.floor(sourceY);
                float right = sourceX - left;
                float bottom = sourceY - top;
                int x0 = 3 * mirrored(left, width);
                int x1 = 3 * mirrored(left + 1, width);
                int y0 = 3 * width * mirrored(top, height);
                int y1 = 3 * width * mirrored(top + 1, height);
                for (int channel = 0; channel < 3; channel++) {
                    float above =
                            (from[y0 + x0 + channel] & 255) * (1 - right) + (from[y0 + x1 + channel] & 255) * right;
                    float below =
                            (from[y1 + x0 + channel] & 255) * (1 - right) + (from[y1 + x1 + channel] & 255) * right;
                    rgb[position + channel] = (byte) Math.round(above + (below - above) * bottom);
                }
            }
        }
        return rgb;
    }

    /** The pixel that a mirror at the edges shows at a place beyond them. */
    private static int mirrored(int place, int size) {
        if (place >= 0 && place < size) {
            return place;
        }
        if (size == 1) {
            return 0;
        }
        int period = 2 * size - 2;
        int folded = Math.floorMod(place, period);
        return folded < size ? folded : period - folded;
    }

    private void recolor(byte[] rgb, SplittableRandom random) {
        float brightness = (float) (1 + between(random, jitter));
        float contrast = (float) (1 + between(random, jitter));
        float saturation = (float) (1 + between(random, jitter));
        float mean = 0;
        for (int i = 0; i < rgb.length; i += 3) {
            mean += luminance(rgb, i);
        }
        mean = brightness * mean / (rgb.length / 3);
        for (int i = 0; i < rgb.length; i += 3) {
            float grey = luminance(rgb, i);
            for (int channel = 0; channel < 3; channel++) {
                float value = brightness * (grey + saturation * ((rgb[i + channel] & 255) - grey));
                rgb[i + channel] = (byte) Math.clamp(Math.round(mean + contrast * (value - mean)), 0, 255);
            }
        }
    }

    /** ITU-R BT.601. */
    private static float luminance(byte[] rgb, int i) {
        return 0.299f * (rgb[i] & 255) + 0.587f * (rgb[i + 1] & 255) + 0.114f * (rgb[i + 2] & 255);
    }

    private void erase(float[] planes, int offset, SplittableRandom random) {
        double area = (LEAST_ERASED + (MOST_ERASED - LEAST_ERASED) * random.nextDouble()) * size * size;
        double ratio = Math.exp(between(random, Math.log(WIDEST_RATIO)));
        int width = Math.clamp(Math.round(Math.sqrt(area * ratio)), 1, size);
        int height = Math.clamp(Math.round(Math.sqrt(area / ratio)), 1, size);
        int left = random.nextInt(size - width + 1);
        int top = random.nextInt(size - height + 1);
        for (int channel = 0; channel < 3; channel++) {
            for (int y = top; y < top + height; y++) {
                int row = offset + (channel * size + y) * size;
                // Zero is the mean of all pictures.
                Arrays.fill(planes, row + left, row + left + width, 0);
            }
        }
    }
}
