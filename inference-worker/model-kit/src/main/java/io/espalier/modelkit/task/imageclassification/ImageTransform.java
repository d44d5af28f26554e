package io.espalier.modelkit.task.imageclassification;

import io.espalier.modelkit.bundle.InvalidBundleException;
import io.espalier.modelkit.image.Pixels;
import java.util.List;
import java.util.Map;

/**
 * An image to what a model reads: its middle square at the model's size, standardized by channel. Training and serving use this
 * class and no other. Immutable.
 *
 * @param size pixels a side
 * @param mean of red, green and blue, where 1 is full
 * @param deviation standard deviation of the same
 */
public record ImageTransform(int size, List<Double> mean, List<Double> deviation) {
    private static final String SIZE = "size";
    private static final String MEAN = "mean";
    private static final String DEVIATION = "std";

    public ImageTransform {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        if (size < 1
                || mean.size() != 3
                || deviation.size() != 3
                || deviation.stream().anyMatch(value -> value <= 0)) {
            throw new IllegalArgumentException(
                    "Not a transform of images: %d, %s, %s".formatted(size, mean, deviation));
        }
    }

    /** @throws InvalidBundleException if these are not the settings of such a transform */
    public static ImageTransform of(Map<String, Object> settings) {
        if (settings.get(SIZE) instanceof Number size
                && settings.get(MEAN) instanceof List<?> mean
                && settings.get(DEVIATION) instanceof List<?> deviation) {
            try {
                return new ImageTransform(size.intValue(), numbers(mean), numbers(deviation));
            } catch (IllegalArgumentException | ClassCastException e) {
                throw new InvalidBundleException("The manifest's transform is not one of images: " + settings, e);
            }
        }
        throw new InvalidBundleException("The manifest's transform lacks size, mean or std.");
    }

    private static List<Double> numbers(List<?> values) {
        return values.stream().map(value -> ((Number) value).doubleValue()).toList();
    }

    /** As a manifest holds it. */
    public Map<String, Object> settings() {
        return Map.of(SIZE, size, MEAN, mean, DEVIATION, deviation);
    }

    public ImageTransform withSize(int pixels) {
        return new ImageTransform(pixels, mean, deviation);
    }

    /** The middle square of an image, at the model's size. */
    public Pixels square(Pixels image) {
        return square(image, size);
    }

    /** The middle square of an image. */
    public static Pixels square(Pixels image, int size) {
        int side = Math.min(image.width(), image.height());
        // Whole pixels, so that a square of the right size is taken as it is.
        return image.resampled((image.width() - side) / 2, (image.height() - side) / 2, side, side, size, size);
    }

    /**
     * Standardizes.
     *
     * @param rgb as in {@link Pixels}, {@code size} a side
     * @param to gets three planes of {@code size * size}
     */
    public void standardize(byte[] rgb, float[] to, int offset) {
        int plane = size * size;
        for (int channel = 0; channel < 3; channel++) {
            float scale = (float) (1 / (255 * deviation.get(channel)));
            float shift = (float) (-mean.get(channel) / deviation.get(channel));
            int start = offset + channel * plane;
            for (int i = 0; i < plane; i++) {
                to[start + i] = (rgb[3 * i + channel] & 255) * scale + shift;
            }
        }
    }
}
