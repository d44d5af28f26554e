package io.espalier.standalone.demo;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.geom.RoundRectangle2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.Locale;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;

/**
 * Photographs of a shop's articles, drawn: six kinds in any colour, size and light, tilted, partly hidden, before any background.
 * Always the same ones.
 */
final class ShopPictures {
    private static final int PICTURES_A_KIND = 120;
    private static final int SIDE = 48;
    private static final long SEED = 20_26;

    private ShopPictures() {}

    /** Draws one article into the square from -1 to 1. */
    private interface Drawing {
        void draw(Graphics2D canvas, Color color);
    }

    private enum Article implements Drawing {
        BALL {
            @Override
            public void draw(Graphics2D canvas, Color color) {
                canvas.fill(new Ellipse2D.Double(-0.8, -0.8, 1.6, 1.6));
                canvas.setColor(color.darker());
                canvas.draw(new Arc2D.Double(-0.8, -0.3, 1.6, 0.6, 180, 180, Arc2D.OPEN));
                canvas.draw(new Arc2D.Double(-0.3, -0.8, 0.6, 1.6, 90, 180, Arc2D.OPEN));
            }
        },
        BOTTLE {
            @Override
            public void draw(Graphics2D canvas, Color color) {
                canvas.fill(new RoundRectangle2D.Double(-0.35, -0.3, 0.7, 1.25, 0.2, 0.2));
                canvas.fill(new Rectangle2D.Double(-0.13, -0.8, 0.26, 0.6));
                canvas.setColor(color.darker());
                canvas.fill(new Rectangle2D.Double(-0.17, -0.95, 0.34, 0.17));
            }
        },
        BOX {
            @Override
            public void draw(Graphics2D canvas, Color color) {
                canvas.fill(new Rectangle2D.Double(-0.8, -0.4, 1.6, 1.2));
                canvas.setColor(color.darker());
                Path2D lid = new Path2D.Double();
                lid.moveTo(-0.8, -0.4);
                lid.lineTo(-0.5, -0.8);
                lid.lineTo(0.5, -0.8);
                lid.lineTo(0.8, -0.4);
                lid.closePath();
                canvas.fill(lid);
            }
        },
        MUG {
            @Override
            public void draw(Graphics2D canvas, Color color) {
                canvas.fill(new RoundRectangle2D.Double(-0.7, -0.6, 1, 1.3, 0.2, 0.2));
                canvas.setStroke(new BasicStroke(0.18f));
                canvas.draw(new Arc2D.Double(0, -0.4, 0.7, 0.8, -90, 180, Arc2D.OPEN));
                canvas.setColor(color.darker());
                canvas.fill(new Ellipse2D.Double(-0.7, -0.75, 1, 0.3));
            }
        },
        SHIRT {
            @Override
            public void draw(Graphics2D canvas, Color color) {
                Path2D shirt = new Path2D.Double();
                double[][] outline = {
                    {-0.3, -0.8}, {-0.95, -0.45}, {-0.75, -0.05}, {-0.45, -0.2}, {-0.45, 0.85},
                    {0.45, 0.85}, {0.45, -0.2}, {0.75, -0.05}, {0.95, -0.45}, {0.3, -0.8}
                };
                shirt.moveTo(outline[0][0], outline[0][1]);
                for (double[] point : outline) {
                    shirt.lineTo(point[0], point[1]);
                }
                shirt.closePath();
                canvas.fill(shirt);
                canvas.setColor(color.darker());
                canvas.fill(new Arc2D.Double(-0.3, -1, 0.6, 0.5, 180, 180, Arc2D.CHORD));
            }
        },
        SHOE {
            @Override
            public void draw(Graphics2D canvas, Color color) {
                Path2D shoe = new Path2D.Double();
                shoe.moveTo(-0.9, -0.5);
                shoe.lineTo(-0.3, -0.5);
                shoe.quadTo(0, 0, 0.6, 0.05);
                shoe.quadTo(1, 0.1, 0.95, 0.4);
                shoe.lineTo(-0.9, 0.4);
                shoe.closePath();
                canvas.fill(shoe);
                canvas.setColor(color.darker());
                canvas.fill(new Rectangle2D.Double(-0.9, 0.4, 1.87, 0.18));
            }
        };

        String folder() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A zip archive of a folder a kind. */
    static byte[] zip() {
        Random random = new Random(SEED);
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.setMethod(ZipOutputStream.STORED);
            for (int i = 0; i < PICTURES_A_KIND; i++) {
                for (Article article : Article.values()) {
                    put(zip, "%s/%03d.jpg".formatted(article.folder(), i), jpeg(picture(article, random)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        entry.setSize(content.length);
        entry.setTimeLocal(LocalDateTime.of(2026, 1, 1, 0, 0));
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    private static byte[] jpeg(BufferedImage picture) throws IOException {
        var jpeg = new ByteArrayOutputStream();
        ImageIO.write(picture, "jpeg", jpeg);
        return jpeg.toByteArray();
    }

    private static BufferedImage picture(Article article, Random random) {
        BufferedImage picture = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
        Graphics2D canvas = picture.createGraphics();
        canvas.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        canvas.setPaint(new GradientPaint(0, 0, color(random, 0.5f), random.nextInt(SIDE), SIDE, color(random, 0.5f)));
        canvas.fillRect(0, 0, SIDE, SIDE);
        for (int i = random.nextInt(4); i > 0; i--) {
            canvas.setColor(color(random, 0.6f));
            canvas.fillOval(random.nextInt(SIDE), random.nextInt(SIDE), 3 + random.nextInt(12), 3 + random.nextInt(12));
        }
        Graphics2D turned = (Graphics2D) canvas.create();
        double scale = SIDE * (0.25 + 0.15 * random.nextDouble());
        turned.translate(SIDE / 2.0 + 5 * random.nextGaussian(), SIDE / 2.0 + 5 * random.nextGaussian());
        turned.rotate(Math.toRadians(15 * random.nextGaussian()));
        turned.scale(random.nextBoolean() ? scale : -scale, scale * (0.85 + 0.3 * random.nextDouble()));
        turned.setStroke(new BasicStroke(0.08f));
        Color color = color(random, 1);
        turned.setColor(color);
        article.draw(turned, color);
        turned.dispose();
        if (random.nextInt(4) == 0) {
            canvas.setColor(color(random, 0.6f));
            canvas.setStroke(new BasicStroke(3 + random.nextInt(4)));
            canvas.drawLine(random.nextInt(SIDE), 0, random.nextInt(SIDE), SIDE);
        }
        canvas.dispose();
        addNoise(picture, random);
        return picture;
    }

    private static Color color(Random random, float saturation) {
        return Color.getHSBColor(random.nextFloat(), saturation * random.nextFloat(), 0.3f + 0.7f * random.nextFloat());
    }

    private static void addNoise(BufferedImage picture, Random random) {
        double strength = 12 * random.nextDouble();
        for (int y = 0; y < SIDE; y++) {
            for (int x = 0; x < SIDE; x++) {
                int rgb = picture.getRGB(x, y);
                int noisy = 0;
                for (int shift = 0; shift <= 16; shift += 8) {
                    int sample = (rgb >> shift & 255) + (int) (strength * random.nextGaussian());
                    noisy |= Math.clamp(sample, 0, 255) << shift;
                }
                picture.setRGB(x, y, noisy);
            }
        }
    }
}
