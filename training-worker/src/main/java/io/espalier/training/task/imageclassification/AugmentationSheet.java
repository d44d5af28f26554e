package io.espalier.training.task.imageclassification;

import io.espalier.modelkit.task.imageclassification.ImageTransform;
import io.espalier.training.task.Examples.HostTensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/**
 * Pictures beside what training makes of them: a row a picture, first as it is without augmentation, then changed at random.
 *
 * @param plain and augmented: the same pictures, in the same order
 */
record AugmentationSheet(PictureExamples plain, PictureExamples augmented) {
    /** Of a cell's side: what a person can make something out on. */
    static final int FEWEST_PIXELS = 96;
    /** Between cells and around them, in white. */
    static final int GAP_PIXELS = 4;

    private static final int WHITE = 0xffffff;

    /** How many pixels a side each pixel of the model takes. */
    static int scale(int size) {
        return Math.ceilDiv(FEWEST_PIXELS, size);
    }

    /**
     * Every column of variants is one batch of all pictures, so that they are mixed with each other even where few are shown.
     *
     * @param shown pictures at most
     * @return a PNG
     */
    byte[] draw(int shown, int variants, long seed) throws IOException {
        int[] batch = IntStream.range(0, plain.size()).toArray();
        List<float[]> columns = new ArrayList<>();
        columns.add(planes(plain.batch(batch)));
        SplittableRandom seeds = new SplittableRandom(seed);
        for (int variant = 0; variant < variants; variant++) {
            columns.add(planes(augmented.augmented(batch, seeds.nextLong())));
        }
        int size = plain.transform().size();
        int pitch = size * scale(size) + GAP_PIXELS;
        int rows = Math.min(shown, batch.length);
        var sheet = new BufferedImage(
                columns.size() * pitch + GAP_PIXELS, rows * pitch + GAP_PIXELS, BufferedImage.TYPE_INT_RGB);
        int[] background = new int[sheet.getWidth() * sheet.getHeight()];
        Arrays.fill(background, WHITE);
        sheet.setRGB(0, 0, sheet.getWidth(), sheet.getHeight(), background, 0, sheet.getWidth());
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns.size(); column++) {
                paint(columns.get(column), row, sheet, column * pitch + GAP_PIXELS, row * pitch + GAP_PIXELS);
            }
        }
        var png = new ByteArrayOutputStream();
        if (!ImageIO.write(sheet, "png", png)) {
            throw new IllegalStateException("This Java has no writer of PNG");
        }
        return png.toByteArray();
    }

    private static float[] planes(List<HostTensor> batch) {
        return ((HostTensor.Floats) batch.getFirst()).values();
    }

    private void paint(float[] planes, int picture, BufferedImage sheet, int left, int top) {
        int size = plain.transform().size();
        int scale = scale(size);
        int plane = size * size;
        for (int y = 0; y < size * scale; y++) {
            for (int x = 0; x < size * scale; x++) {
                int pixel = 3 * picture * plane + y / scale * size + x / scale;
                sheet.setRGB(
                        left + x,
                        top + y,
                        sample(planes[pixel], 0) << 16
                                | sample(planes[pixel + plane], 1) << 8
                                | sample(planes[pixel + 2 * plane], 2));
            }
        }
    }

    /** Undoes {@link ImageTransform#standardize}. */
    private int sample(float standardized, int channel) {
        ImageTransform transform = plain.transform();
        double share = standardized * transform.deviation().get(channel)
                + transform.mean().get(channel);
        return Math.clamp(Math.round(255 * share), 0, 255);
    }
}
