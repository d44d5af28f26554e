package io.espalier.modelkit.task.imageclassification;

import io.espalier.contracts.artifact.Sha256;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.task.ColumnRole;
import io.espalier.contracts.task.imageclassification.ImageClassification;
import io.espalier.modelkit.image.Images;
import io.espalier.modelkit.image.Pixels;
import io.espalier.modelkit.image.UnreadableImageException;
import io.espalier.modelkit.task.ExampleReader;
import io.espalier.modelkit.task.FileContents;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.StringNode;

/**
 * One column is the image, one the label. An example's input is the image's cell. Images of equal pixels are equal, whatever
 * file they come in.
 */
final class ImageExampleReader implements ExampleReader {
    private static final Map<String, Images.Format> FORMATS = Map.ofEntries(
            Map.entry("jpg", Images.Format.JPEG),
            Map.entry("jpeg", Images.Format.JPEG),
            Map.entry("jpe", Images.Format.JPEG),
            Map.entry("jfif", Images.Format.JPEG),
            Map.entry("png", Images.Format.PNG),
            Map.entry("gif", Images.Format.GIF),
            Map.entry("bmp", Images.Format.BMP),
            Map.entry("webp", Images.Format.WEBP),
            Map.entry("pgm", Images.Format.PNM),
            Map.entry("ppm", Images.Format.PNM),
            Map.entry("pbm", Images.Format.PNM),
            Map.entry("pnm", Images.Format.PNM));

    private final FileContents files;
    private final String imageColumn;
    private final String labelColumn;
    private final int image;
    private final int label;
    private final MessageDigest sha256 = Sha256.digest();
    private final ImageCensus census = new ImageCensus();

    ImageExampleReader(List<String> columns, ColumnMapping mapping, FileContents files) {
        this.files = files;
        this.imageColumn = mapping.only(ImageClassification.IMAGE);
        this.labelColumn = mapping.only(ColumnRole.LABEL);
        this.image = columns.indexOf(imageColumn);
        this.label = columns.indexOf(labelColumn);
        if (image < 0 || label < 0) {
            throw new IllegalArgumentException("The mapping " + mapping + " does not fit the columns " + columns);
        }
    }

    @Override
    public RowResult read(List<@Nullable String> cells) {
        String cell = cells.get(image);
        if (cell == null) {
            return new RowResult.Rejected("missing-image", imageColumn, "There is no image.");
        }
        String name = cells.get(label);
        if (name == null || name.isBlank()) {
            return new RowResult.Rejected("missing-label", labelColumn, "The label is missing.");
        }
        FileContents.NamedFile file = files.read(cell);
        Images.Decoded decoded;
        try {
            decoded = Images.decode(file.bytes());
        } catch (UnreadableImageException e) {
            String code = e.reason().name().toLowerCase(Locale.ROOT).replace('_', '-');
            return new RowResult.Rejected(code, imageColumn, "The image " + e.getMessage() + ".");
        }
        census.add(decoded, name.strip());
        return new RowResult.Example(
                StringNode.valueOf(cell), name.strip(), identity(decoded.pixels()), remark(file.name(), decoded));
    }

    @Override
    public DatasetReport.@Nullable Images images() {
        return census.report();
    }

    private static @Nullable String remark(String name, Images.Decoded image) {
        if (image.animated()) {
            return "animated-image";
        }
        String extension = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        Images.Format said = FORMATS.get(extension);
        return said != null && said != image.format() ? "wrong-extension" : null;
    }

    private String identity(Pixels pixels) {
        sha256.update(ByteBuffer.allocate(2 * Integer.BYTES)
                .putInt(pixels.width())
                .putInt(pixels.height())
                .flip());
        return HexFormat.of().formatHex(sha256.digest(pixels.rgb()));
    }
}
