package io.espalier.tests;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/** Pictures of 16 pixels a side, of a bright bar that lies or stands before a dark background. */
final class Pictures {
    private Pictures() {}

    /** @return PNG files by their names in an archive: half of them in the folder {@code lying}, half in {@code standing} */
    static Map<String, byte[]> bars(int count) {
        Map<String, byte[]> pictures = new LinkedHashMap<>();
        for (int i = 0; i < count / 2; i++) {
            pictures.put("lying/" + i + ".png", bar(false, i));
            pictures.put("standing/" + i + ".png", bar(true, i));
        }
        return pictures;
    }

    static byte[] zip(Map<String, byte[]> files) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (var file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] bar(boolean standing, int number) {
        Random random = new Random(2L * number + (standing ? 1 : 0));
        BufferedImage picture = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = picture.createGraphics();
        canvas.setColor(Color.getHSBColor(random.nextFloat(), random.nextFloat(), 0.3f));
        canvas.fillRect(0, 0, 16, 16);
        canvas.setColor(Color.getHSBColor(random.nextFloat(), random.nextFloat(), 0.9f));
        int at = 2 + random.nextInt(10);
        canvas.fillRect(standing ? at : 1, standing ? 1 : at, standing ? 3 : 14, standing ? 14 : 3);
        canvas.dispose();
        var png = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", png);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return png.toByteArray();
    }
}
