package io.espalier.modelkit.image;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import javax.imageio.ImageIO;

/** Small pictures, to be shown among many. */
public final class Thumbnails {
    private Thumbnails() {}

    /**
     * @param most pixels of the longer side
     * @return a JPEG as a data URL
     */
    public static String dataUrl(Pixels image, int most) {
        double scale = Math.min(1, (double) most / Math.max(image.width(), image.height()));
        int width = Math.max(1, (int) Math.round(image.width() * scale));
        int height = Math.max(1, (int) Math.round(image.height() * scale));
        byte[] rgb = image.resampled(0, 0, image.width(), image.height(), width, height)
                .rgb();
        BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0, i = 0; y < height; y++) {
            for (int x = 0; x < width; x++, i += 3) {
                picture.setRGB(x, y, (rgb[i] & 255) << 16 | (rgb[i + 1] & 255) << 8 | rgb[i + 2] & 255);
            }
        }
        try {
            var jpeg = new ByteArrayOutputStream();
            if (!ImageIO.write(picture, "jpeg", jpeg)) {
                throw new IllegalStateException("This Java has no writer of JPEG");
            }
            return "data:image/jpeg;base64," + Base64.getEncoder().encodeToString(jpeg.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
