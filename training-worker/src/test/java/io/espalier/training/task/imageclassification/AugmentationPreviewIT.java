package io.espalier.training.task.imageclassification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Lengths;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.modelkit.image.Images;
import io.espalier.modelkit.image.Pixels;
import io.espalier.training.fixture.Bars;
import io.espalier.training.fixture.ImageArchive;
import io.espalier.training.task.PreviewRequest;
import io.espalier.training.task.TrainingTask;
import io.espalier.training.task.TrainingTasks;
import io.espalier.training.tune.Hyperparameters;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AugmentationPreviewIT {
    private static final int SIZE = 16;
    private static final int SCALE = 6;
    private static final int PICTURES = 8;

    /** All that changes a picture, off. */
    private static final Map<String, Object> STILL =
            Map.of("imageSize", SIZE, "cropShift", 0, "flip", "none", "erasing", 0);

    @TempDir
    static Path folder;

    private static DatasetReport report(long rows, int side) {
        var sides = new Lengths(side, side, side, side);
        return new DatasetReport(
                true,
                ColumnMapping.GUESS,
                List.of(),
                rows,
                rows,
                Map.of(Split.TRAIN, rows),
                List.of(),
                new DatasetReport.Profile(
                        Map.of("lying", rows / 2, "standing", rows / 2),
                        null,
                        Map.of(),
                        Map.of(),
                        0,
                        0,
                        new DatasetReport.Images(sides, sides, Map.of("png", rows), List.of()),
                        null),
                new DatasetReport.Preview(List.of(), List.of()));
    }

    private static byte[] png(Map<String, Object> chosen, int images, int variants, long seed) throws IOException {
        Path rows = Bars.split(Files.createTempDirectory(folder, "rows-").resolve("rows.jsonl"), 0, PICTURES);
        return new ImageClassificationTask()
                .preview(new PreviewRequest(rows, report(40, 16), new Hyperparameters(chosen), images, variants, seed));
    }

    private static Map<String, Object> still(Map<String, Object> but) {
        Map<String, Object> chosen = new HashMap<>(STILL);
        chosen.putAll(but);
        return chosen;
    }

    /** The sheet's cells, row by row, at the model's size. */
    private static List<List<Pixels>> cells(byte[] png, int images, int variants) throws IOException {
        BufferedImage sheet = ImageIO.read(new ByteArrayInputStream(png));
        int pitch = SIZE * SCALE + AugmentationSheet.GAP_PIXELS;
        assertThat(sheet.getWidth()).isEqualTo((variants + 1) * pitch + AugmentationSheet.GAP_PIXELS);
        assertThat(sheet.getHeight()).isEqualTo(images * pitch + AugmentationSheet.GAP_PIXELS);
        assertThat(sheet.getRGB(0, 0)).isEqualTo(0xffffffff);
        List<List<Pixels>> rows = new ArrayList<>();
        for (int row = 0; row < images; row++) {
            List<Pixels> cells = new ArrayList<>();
            for (int column = 0; column <= variants; column++) {
                cells.add(cell(
                        sheet,
                        column * pitch + AugmentationSheet.GAP_PIXELS,
                        row * pitch + AugmentationSheet.GAP_PIXELS));
            }
            rows.add(cells);
        }
        return rows;
    }

    private static Pixels cell(BufferedImage sheet, int left, int top) {
        byte[] rgb = new byte[3 * SIZE * SIZE];
        for (int y = 0; y < SIZE * SCALE; y++) {
            for (int x = 0; x < SIZE * SCALE; x++) {
                int color = sheet.getRGB(left + x, top + y);
                int at = 3 * (y / SCALE * SIZE + x / SCALE);
                byte[] seen = {(byte) (color >> 16), (byte) (color >> 8), (byte) color};
                if (y % SCALE == 0 && x % SCALE == 0) {
                    System.arraycopy(seen, 0, rgb, at, 3);
                }
                assertThat(seen).containsExactly(rgb[at], rgb[at + 1], rgb[at + 2]);
            }
        }
        return new Pixels(SIZE, SIZE, rgb);
    }

    private static boolean same(Pixels one, Pixels other) {
        return Arrays.equals(one.rgb(), other.rgb());
    }

    private static Pixels mirrored(Pixels picture) {
        byte[] rgb = new byte[picture.rgb().length];
        for (int i = 0; i < SIZE * SIZE; i++) {
            int from = i / SIZE * SIZE + SIZE - 1 - i % SIZE;
            System.arraycopy(picture.rgb(), 3 * from, rgb, 3 * i, 3);
        }
        return new Pixels(SIZE, SIZE, rgb);
    }

    @Test
    void showsThePicturesThemselvesFirst() throws IOException {
        List<List<Pixels>> rows = cells(png(still(Map.of()), 4, 1, 1), 4, 1);

        for (int row = 0; row < 4; row++) {
            Pixels picture = Images.decode(ImageArchive.bar(row % 2 == 1, row)).pixels();
            assertThat(same(rows.get(row).getFirst(), picture)).isTrue();
        }
    }

    @Test
    void repeatsThePictureWhereAugmentationIsOff() throws IOException {
        byte[] png = png(Map.of("imageSize", SIZE, "augmentation", false, "rotation", 90, "mixup", 1), 3, 5, 1);

        for (List<Pixels> row : cells(png, 3, 5)) {
            assertThat(row).allMatch(cell -> same(cell, row.getFirst()));
        }
    }

    @Test
    void showsAPictureOrItsMirrorImageWhereNothingButFlippingIsOn() throws IOException {
        int mirrored = 0;
        for (List<Pixels> row : cells(png(still(Map.of("flip", "horizontal")), 4, 8, 1), 4, 8)) {
            Pixels mirror = mirrored(row.getFirst());
            for (Pixels variant : row) {
                assertThat(same(variant, row.getFirst()) || same(variant, mirror))
                        .isTrue();
                mirrored += same(variant, row.getFirst()) ? 0 : 1;
            }
        }

        assertThat(mirrored).isPositive();
    }

    @Test
    void erasesToTheMeanColour() throws IOException {
        for (List<Pixels> row : cells(png(still(Map.of("erasing", 1)), 4, 3, 1), 4, 3)) {
            for (Pixels variant : row.subList(1, 4)) {
                List<Integer> colors = new ArrayList<>();
                for (int i = 0; i < variant.rgb().length; i += 3) {
                    if (variant.rgb()[i] != row.getFirst().rgb()[i]) {
                        colors.add((variant.rgb()[i] & 255) << 16
                                | (variant.rgb()[i + 1] & 255) << 8
                                | variant.rgb()[i + 2] & 255);
                    }
                }
                assertThat(colors.stream().distinct()).hasSize(1);
            }
        }
    }

    @Test
    void mixesThePicturesOfTheSampleEvenWhereOneIsShown() throws IOException {
        for (String mixing : List.of("mixup", "cutmix")) {
            List<Pixels> row =
                    cells(png(still(Map.of(mixing, 1)), 1, 8, 1), 1, 8).getFirst();

            assertThat(row.subList(1, 9)).anyMatch(cell -> !same(cell, row.getFirst()));
        }
    }

    @Test
    void givesTheSameBytesForTheSameSeedAndOthersForAnother() throws IOException {
        Map<String, Object> all = Map.of(
                "leastScale",
                0.5,
                "rotation",
                20,
                "flip",
                "both",
                "colorJitter",
                0.4,
                "erasing",
                0.5,
                "mixup",
                0.2,
                "cutmix",
                1);

        byte[] first = png(all, 4, 6, 7);

        assertThat(png(all, 4, 6, 7)).isEqualTo(first);
        assertThat(png(all, 4, 6, 8)).isNotEqualTo(first);
    }

    @Test
    void beginsWithTheSameVariantsHoweverManyThereAre() throws IOException {
        List<Pixels> few = cells(png(Map.of("imageSize", SIZE), 1, 2, 1), 1, 2).getFirst();
        List<Pixels> many = cells(png(Map.of("imageSize", SIZE), 1, 5, 1), 1, 5).getFirst();

        for (int column = 0; column < few.size(); column++) {
            assertThat(same(few.get(column), many.get(column))).isTrue();
        }
    }

    @Test
    void showsAsManyPicturesAsThereAre() throws IOException {
        Path rows = Bars.split(folder.resolve("two.jsonl"), 0, 2);

        byte[] png = new ImageClassificationTask()
                .preview(new PreviewRequest(rows, report(40, 16), new Hyperparameters(STILL), 8, 1, 1));

        assertThat(cells(png, 2, 1)).hasSize(2);
    }

    @Test
    void takesTheSizeThatATrainingWouldTake() throws IOException {
        for (int side : List.of(32, 64, 300)) {
            Path rows = Bars.split(folder.resolve(side + ".jsonl"), 0, 2);
            byte[] png = new ImageClassificationTask()
                    .preview(new PreviewRequest(rows, report(40, side), new Hyperparameters(Map.of()), 1, 1, 1));

            int expected = side == 32 ? 3 * 32 : side == 64 ? 2 * 64 : 128;
            assertThat(ImageIO.read(new ByteArrayInputStream(png)).getHeight())
                    .isEqualTo(expected + 2 * AugmentationSheet.GAP_PIXELS);
        }
    }

    @Test
    void isThereForExactlyTheTasksThatSaySo() {
        for (TaskDescriptor descriptor : Tasks.ALL) {
            TrainingTask task = TrainingTasks.get(descriptor.name());
            if (!descriptor.augments()) {
                assertThatThrownBy(() -> task.preview(
                                new PreviewRequest(folder, report(1, 1), new Hyperparameters(Map.of()), 1, 1, 1)))
                        .isInstanceOf(ProblemException.class)
                        .hasMessage(descriptor.name() + " has no augmentation to preview.");
            } else {
                assertThat(task).isInstanceOf(ImageClassificationTask.class);
            }
        }
    }
}
