package io.espalier.training.task.imageclassification;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.evaluation.SplitFile;
import io.espalier.modelkit.image.Images;
import io.espalier.modelkit.image.Pixels;
import io.espalier.modelkit.image.UnreadableImageException;
import io.espalier.modelkit.task.SplitRow;
import io.espalier.training.task.LabelIndex;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.function.UnaryOperator;

/** The pictures of a split, decoded, and their labels. */
record Pictures(PictureStore store, int[] labels) {
    private static final int WINDOW = 256;

    private record Decoded(Pixels pixels, String label) {}

    /**
     * Decodes a split.
     *
     * @param how each picture is kept
     * @param file made here
     * @throws ProblemException INVALID_DATASET if a picture cannot be decoded
     */
    static Pictures read(Path split, UnaryOperator<Pixels> how, LabelIndex index, Path file) throws IOException {
        List<Integer> labels = new ArrayList<>();
        try (var rows = SplitFile.rows(split);
                var writer = new PictureStore.Writer(file)) {
            Iterator<SplitRow> remaining = rows.iterator();
            while (remaining.hasNext()) {
                List<SplitRow> window = new ArrayList<>();
                while (window.size() < WINDOW && remaining.hasNext()) {
                    window.add(remaining.next());
                }
                List<Decoded> decoded =
                        window.parallelStream().map(row -> decoded(row, how)).toList();
                for (Decoded picture : decoded) {
                    writer.add(picture.pixels);
                    labels.add(index.of(picture.label));
                }
            }
            return new Pictures(
                    writer.store(), labels.stream().mapToInt(Integer::intValue).toArray());
        }
    }

    private static Decoded decoded(SplitRow row, UnaryOperator<Pixels> how) {
        return new Decoded(how.apply(pixels(row)), row.label());
    }

    static Pixels pixels(SplitRow row) {
        try {
            return Images.decode(Base64.getDecoder().decode(row.input().stringValue()))
                    .pixels();
        } catch (UnreadableImageException e) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET, "The image %s %s.".formatted(row.file(), e.getMessage()));
        }
    }

    /** The middle one of the shorter sides of the pictures of a split, of the first few thousand. */
    static int medianSide(Path split) {
        try (var rows = SplitFile.rows(split)) {
            int[] sides = rows.limit(500)
                    .map(Pictures::pixels)
                    .mapToInt(pixels -> Math.min(pixels.width(), pixels.height()))
                    .sorted()
                    .toArray();
            return sides[sides.length / 2];
        }
    }

    int size() {
        return labels.length;
    }

    /** Mean and standard deviation of red, green and blue over all pictures, where 1 is full. */
    double[][] statistics() {
        double[] sums = new double[3];
        double[] squares = new double[3];
        long pixels = 0;
        for (int i = 0; i < size(); i++) {
            byte[] rgb = store.picture(i).rgb();
            long[] sum = new long[3];
            long[] square = new long[3];
            for (int j = 0; j < rgb.length; j++) {
                int value = rgb[j] & 255;
                sum[j % 3] += value;
                square[j % 3] += (long) value * value;
            }
            pixels += rgb.length / 3;
            for (int channel = 0; channel < 3; channel++) {
                sums[channel] += sum[channel];
                squares[channel] += square[channel];
            }
        }
        double count = pixels;
        double[] mean = Arrays.stream(sums).map(sum -> sum / count / 255).toArray();
        double[] deviation = new double[3];
        for (int channel = 0; channel < 3; channel++) {
            double variance = squares[channel] / count / 255 / 255 - mean[channel] * mean[channel];
            // Pictures of one colour only have none.
            deviation[channel] = Math.sqrt(Math.max(variance, 1e-4));
        }
        return new double[][] {mean, deviation};
    }
}
