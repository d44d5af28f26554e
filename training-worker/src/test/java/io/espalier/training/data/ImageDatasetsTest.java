package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.images;
import static io.espalier.training.fixture.ImageArchive.bar;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import io.espalier.modelkit.image.Images;
import io.espalier.training.fixture.ImageArchive;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every way in which images and their labels come. */
class ImageDatasetsTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    static Path work;

    private static void assertAllUsed(DatasetReport report, int images) {
        assertThat(report.issues())
                .as("issues")
                .allSatisfy(issue -> assertThat(issue.code()).isEqualTo("few-rows"));
        assertThat(report.trainable()).isTrue();
        assertThat(report.rowsUsed()).isEqualTo(images);
    }

    @Test
    void readsAFolderALabelFromZipAndTar() {
        ImageArchive archive = ImageArchive.good();

        assertAllUsed(images().file("photos.zip", archive.zip()).inspect(work), 40);
        assertAllUsed(images().file("photos.tar", archive.tar()).inspect(work), 40);
        assertAllUsed(images().file("photos.tar.gz", archive.tarGz()).inspect(work), 40);
    }

    @Test
    void takesSplitsFromFoldersAboveTheLabels() {
        ImageArchive archive = ImageArchive.empty()
                .pictures("shop/train/", 10)
                .pictures("shop/val/", 4)
                .pictures("shop/test/", 3);

        DatasetReport report = images().file("photos.zip", archive.zip()).inspect(work);

        assertThat(report.rowsBySplit()).isEqualTo(Map.of(Split.TRAIN, 20L, Split.VALIDATION, 8L, Split.TEST, 6L));
        assertThat(report.profile().classes()).containsOnlyKeys("lying", "standing");
    }

    @Test
    void takesSplitsFromTheParts() {
        DatasetReport report = images().file(
                        "train.zip",
                        Split.TRAIN,
                        ImageArchive.empty().pictures("", 10).zip())
                .file(
                        "test.zip",
                        Split.TEST,
                        ImageArchive.empty().pictures("more/", 5).zip())
                .inspect(work);

        assertThat(report.rowsBySplit()).containsEntry(Split.TEST, 10L);
    }

    @Test
    void passesOverWhatFileManagersLeaveBehind() {
        byte[] archive = ImageArchive.good()
                .file("__MACOSX/lying/._1.png", "x")
                .file("lying/.DS_Store", "x")
                .file("standing/Thumbs.db", "x")
                .zip();

        assertAllUsed(images().file("photos.zip", archive).inspect(work), 40);
    }

    @Test
    void readsNamesThatAnOldProgramWrote() {
        // Written in GBK without the mark of UTF-8, as Windows does in China.
        byte[] archive = ImageArchive.good().zip();
        byte[] renamed = replaced(archive, "standing/", "站着的人们".substring(0, 4) + "/", Charset.forName("GBK"));

        DatasetReport report = images().file("photos.zip", renamed).inspect(work);

        assertThat(report.profile().classes()).containsOnlyKeys("lying", "站着的人");
    }

    private static byte[] replaced(byte[] bytes, String old, String other, Charset charset) {
        byte[] from = old.getBytes(charset);
        byte[] to = other.getBytes(charset);
        assertThat(to).hasSameSizeAs(from);
        byte[] result = bytes.clone();
        for (int i = 0; i + from.length <= result.length; i++) {
            boolean found = true;
            for (int j = 0; j < from.length && found; j++) {
                found = result[i + j] == from[j];
            }
            if (found) {
                System.arraycopy(to, 0, result, i, to.length);
                // Java marks every name as UTF-8; the header begins 30 bytes before its name, or 46 in the directory.
                for (int start : new int[] {i - 30, i - 46}) {
                    if (start >= 0 && result[start] == 'P' && result[start + 1] == 'K') {
                        result[start + (start == i - 30 ? 7 : 9)] &= ~8;
                    }
                }
            }
        }
        return result;
    }

    @Test
    void readsLabelsFromATableInOrBesideTheArchive() {
        ImageArchive archive = ImageArchive.empty();
        List<String> lines = new ArrayList<>(List.of("filename;kind;fold"));
        for (int i = 0; i < 40; i++) {
            archive.file("data/images/" + i + ".png", bar(i % 2 == 0, i));
            // With and without folder and extension, as tables have it.
            String name = List.of("images/" + i + ".png", "data/images/" + i + ".png", i + ".png", "" + i)
                    .get(i % 4);
            lines.add(name + ";" + (i % 2 == 0 ? "up" : "flat") + ";" + (i < 30 ? "train" : i < 35 ? "dev" : "test"));
        }
        String table = String.join("\n", lines) + "\n";

        DatasetReport beside = images().file("photos.zip", archive.zip())
                .file("labels.csv", table)
                .inspect(work);
        DatasetReport inside = images().file(
                        "photos.zip", archive.file("data/labels.csv", table).zip())
                .inspect(work);

        for (DatasetReport report : List.of(beside, inside)) {
            assertAllUsed(report, 40);
            assertThat(report.rowsBySplit()).containsEntry(Split.VALIDATION, 5L);
            assertThat(report.profile().classes()).containsOnlyKeys("up", "flat");
        }
        assertThat(inside.files().getFirst().name()).isEqualTo("photos.zip/data/labels.csv");
    }

    @Test
    void readsParquetAsTheDatasetsLibraryWritesIt() throws Exception {
        byte[] parquet =
                ParquetFixture.images(40, i -> bar(i % 2 == 0, i), List.of("flat", "up"), i -> i % 2 == 0 ? 1 : 0);

        DatasetReport report = images().file("train.parquet", parquet).inspect(work);

        assertAllUsed(report, 40);
        assertThat(report.mapping().columnsByRole()).containsEntry("image", List.of("image"));
        assertThat(report.profile().classes()).containsOnlyKeys("flat", "up");
        assertThat(report.preview().rows().getFirst().getFirst()).isEqualTo("row 1, 0.png");
    }

    @Test
    void profilesSizesFormatsAndShowsAFewOfEachLabel() {
        DatasetReport report =
                images().file("photos.zip", ImageArchive.good().zip()).inspect(work);

        DatasetReport.Images profile = report.profile().images();
        assertThat(profile.widths()).isEqualTo(new DatasetReport.Lengths(16, 16, 16, 16));
        assertThat(profile.formats()).isEqualTo(Map.of("png", 40L));
        assertThat(profile.thumbnails()).hasSize(6);
        assertThat(profile.thumbnails().getFirst().url()).startsWith("data:image/jpeg;base64,");
        assertThat(report.preview().rows().getFirst()).containsExactly("lying/0.png", "lying");
        assertThat(report.profile().lengths()).isNull();
    }

    @Test
    void writesSplitsOfImagesInBase64WithTheirNames() {
        Map<Split, List<String>> lines =
                images().file("photos.zip", ImageArchive.good().zip()).prepare(work);

        assertThat(lines.values().stream().mapToInt(List::size).sum()).isEqualTo(40);
        JsonNode row = JSON.readTree(lines.get(Split.TRAIN).getFirst());
        assertThat(row.path("file").asString()).startsWith(row.path("label").asString() + "/");
        byte[] image = Base64.getDecoder().decode(row.path("input").asString());
        assertThat(Images.decode(image).width()).isEqualTo(16);
    }

    @Test
    void givesTheSameSplitsWhateverTheOrderOfTheArchive() {
        ImageArchive forwards = ImageArchive.empty();
        ImageArchive backwards = ImageArchive.empty();
        for (int i = 0; i < 40; i++) {
            int j = 39 - i;
            forwards.file((i % 2 == 0 ? "a/" : "b/") + i + ".png", bar(i % 2 == 0, i));
            backwards.file((j % 2 == 0 ? "a/" : "b/") + j + ".png", bar(j % 2 == 0, j));
        }

        assertThat(images().file("photos.zip", forwards.zip()).prepare(work))
                .isEqualTo(images().file("photos.zip", backwards.zip()).prepare(work));
    }
}
