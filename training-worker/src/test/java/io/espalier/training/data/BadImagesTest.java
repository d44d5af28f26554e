package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.images;
import static io.espalier.training.data.DatasetFixture.issue;
import static io.espalier.training.fixture.ImageArchive.bar;
import static io.espalier.training.fixture.ImageArchive.encoded;
import static io.espalier.training.fixture.ImageArchive.picture;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.Split;
import io.espalier.training.fixture.ImageArchive;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The corpus of archives and images that users really upload, and of those that nobody should: each is named for what it is. */
class BadImagesTest {
    @TempDir
    static Path work;

    /**
     * @param shown what the first example names
     * @param used how many of the images are used all the same; -1 where the version cannot be trained on
     */
    private record Bad(String name, DatasetFixture dataset, IssueCode code, String shown, int used) {
        static Bad fatal(String name, DatasetFixture dataset, IssueCode code) {
            return new Bad(name, dataset, code, null, -1);
        }

        static Bad fatal(String name, byte[] archive, IssueCode code) {
            return fatal(name, images().file("photos.zip", archive), code);
        }

        /** @param change what is bad beside forty good images */
        static Bad beside(String name, UnaryOperator<ImageArchive> change, IssueCode code, String shown) {
            return beside(name, change, code, shown, 40);
        }

        static Bad beside(String name, UnaryOperator<ImageArchive> change, IssueCode code, String shown, int used) {
            byte[] archive = change.apply(ImageArchive.good()).zip();
            return new Bad(name, images().file("photos.zip", archive), code, shown, used);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("corpus")
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void namesTheProblemAtItsPlace(Bad bad) {
        DatasetReport report = bad.dataset().inspect(work);

        Issue issue = issue(report, bad.code().code())
                .orElseThrow(() -> new AssertionError("Expected " + bad.code() + " in " + report.issues()));
        assertThat(issue.message()).isNotBlank().doesNotContain("{", "null");
        assertThat(issue.count()).isPositive();
        assertThat(issue.examples().getFirst().file()).isNotBlank();
        if (bad.shown() != null) {
            assertThat(issue.examples().getFirst().value()).isEqualTo(bad.shown());
        }
        assertThat(report.trainable()).as("trainable: %s", report.issues()).isEqualTo(bad.used() >= 0);
        if (bad.used() >= 0) {
            assertThat(report.rowsUsed()).isEqualTo(bad.used());
        }
        assertThat(work).isEmptyDirectory();
    }

    static Stream<Bad> corpus() {
        return Stream.of(archives(), names(), pictures(), folders(), tables()).flatMap(List::stream);
    }

    private static List<Bad> archives() {
        byte[] good = ImageArchive.good().zip();
        byte[] cutGzip =
                Arrays.copyOf(ImageArchive.good().tarGz(), ImageArchive.good().tarGz().length / 2);
        return List.of(
                Bad.fatal("never uploaded", images().absent("photos.zip"), IssueCode.MISSING_FILE),
                Bad.fatal("no bytes", new byte[0], IssueCode.EMPTY_FILE),
                Bad.fatal("zip without files", ImageArchive.empty().zip(), IssueCode.NO_FILES),
                Bad.fatal("zip cut off", Arrays.copyOf(good, good.length * 2 / 3), IssueCode.DAMAGED_ARCHIVE),
                Bad.fatal("zip without its end", Arrays.copyOf(good, good.length - 10), IssueCode.DAMAGED_ARCHIVE),
                Bad.fatal(
                        "zip with more after its end",
                        Arrays.copyOf(good, good.length + 10),
                        IssueCode.DAMAGED_ARCHIVE),
                Bad.fatal("tar.gz cut off", images().file("photos.tar.gz", cutGzip), IssueCode.DAMAGED_ARCHIVE),
                Bad.fatal("bomb in a zip", bomb(), IssueCode.ARCHIVE_BOMB),
                Bad.fatal("bomb in a tar.gz", images().file("photos.tgz", gzipBomb()), IssueCode.ARCHIVE_BOMB),
                Bad.fatal("directory of a hundred million files", hugeDirectory(good), IssueCode.TOO_MANY_FILES),
                Bad.fatal("encrypted", encrypted(good), IssueCode.DAMAGED_ARCHIVE),
                Bad.fatal(
                        "one image instead of an archive",
                        images().file("cat.png", bar(true, 1)),
                        IssueCode.UNSUPPORTED_FORMAT),
                Bad.fatal(
                        "Word document", images().file("a.docx", "PK\u0003\u0004 broken"), IssueCode.DAMAGED_ARCHIVE));
    }

    private static List<Bad> names() {
        return List.of(
                Bad.beside(
                        "climbs out",
                        zip -> zip.file("../../etc/cron.d/x.png", bar(true, 90)),
                        IssueCode.UNSAFE_NAME,
                        "../../etc/cron.d/x.png"),
                Bad.beside(
                        "climbs out with backslashes",
                        zip -> zip.file("..\\..\\x.png", bar(true, 90)),
                        IssueCode.UNSAFE_NAME,
                        "..\\..\\x.png"),
                Bad.beside(
                        "absolute", zip -> zip.file("/tmp/x.png", bar(true, 90)), IssueCode.UNSAFE_NAME, "/tmp/x.png"),
                Bad.beside("drive", zip -> zip.file("C:/x/y.png", bar(true, 90)), IssueCode.UNSAFE_NAME, "C:/x/y.png"),
                Bad.beside(
                        "control character",
                        zip -> zip.file("lying/a\u0007b.png", bar(true, 90)),
                        IssueCode.UNSAFE_NAME,
                        null),
                Bad.beside(
                        "too long",
                        zip -> zip.file("lying/" + "a".repeat(1001), bar(true, 90)),
                        IssueCode.UNSAFE_NAME,
                        null),
                new Bad(
                        "links in a tar",
                        images().file("photos.tar", tarWithLink()),
                        IssueCode.NOT_A_FILE,
                        "lying/link.png",
                        40),
                new Bad(
                        "twice in a tar",
                        images().file(
                                        "photos.tar",
                                        ImageArchive.good()
                                                .file("lying/1.png", bar(false, 91))
                                                .tar()),
                        IssueCode.DUPLICATE_NAME,
                        "lying/1.png",
                        40));
    }

    private static List<Bad> pictures() {
        byte[] png = bar(true, 77);
        byte[] jpeg = encoded(picture(true, 78), "jpeg");
        return List.of(
                Bad.beside(
                        "text instead of an image",
                        zip -> zip.file("lying/x.png", "not an image"),
                        IssueCode.NOT_AN_IMAGE,
                        "lying/x.png"),
                Bad.beside(
                        "vector image",
                        zip -> zip.file("lying/x.svg", "<svg/>"),
                        IssueCode.NOT_AN_IMAGE,
                        "lying/x.svg"),
                Bad.beside("no bytes", zip -> zip.file("lying/x.jpg", ""), IssueCode.NOT_AN_IMAGE, "lying/x.jpg"),
                Bad.beside(
                        "PNG cut off",
                        zip -> zip.file("lying/x.png", Arrays.copyOf(png, png.length / 2)),
                        IssueCode.DAMAGED_IMAGE,
                        "lying/x.png"),
                Bad.beside(
                        "JPEG cut off",
                        zip -> zip.file("lying/x.jpg", Arrays.copyOf(jpeg, jpeg.length * 2 / 3)),
                        IssueCode.DAMAGED_IMAGE,
                        "lying/x.jpg"),
                Bad.beside(
                        "two pixels",
                        zip -> zip.file(
                                "lying/x.png", encoded(new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB), "png")),
                        IssueCode.IMAGE_TOO_SMALL,
                        "lying/x.png"),
                Bad.beside(
                        "larger than it may be",
                        zip -> zip.file("lying/x.png", enormous()),
                        IssueCode.IMAGE_TOO_LARGE,
                        "lying/x.png"),
                Bad.beside(
                        "JPEG called PNG",
                        zip -> zip.file("standing/x.png", jpeg),
                        IssueCode.WRONG_EXTENSION,
                        "standing/x.png",
                        41),
                Bad.beside(
                        "same picture twice",
                        zip -> zip.file("standing/again.png", bar(true, "1".hashCode())),
                        IssueCode.DUPLICATE_ROW,
                        "standing/again.png"),
                Bad.beside(
                        "same picture in another format",
                        zip -> zip.file("standing/again.bmp", encoded(picture(true, "1".hashCode()), "bmp")),
                        IssueCode.DUPLICATE_ROW,
                        "standing/again.bmp"),
                Bad.beside(
                        "same picture under two labels",
                        zip -> zip.file("lying/again.png", bar(true, "1".hashCode())),
                        IssueCode.CONFLICTING_LABELS,
                        null,
                        39),
                Bad.beside(
                        "notes beside the images",
                        zip -> zip.file("README.txt", "Hello"),
                        IssueCode.IGNORED_FILE,
                        "README.txt"));
    }

    private static List<Bad> folders() {
        ImageArchive flat = ImageArchive.empty();
        ImageArchive one = ImageArchive.empty();
        ImageArchive splits = ImageArchive.empty();
        for (int i = 0; i < 20; i++) {
            flat.file(i + ".png", bar(true, i));
            one.file("standing/" + i + ".png", bar(true, i));
            splits.file((i % 2 == 0 ? "train/" : "test/") + i + ".png", bar(true, i));
        }
        return List.of(
                Bad.fatal("no folders", flat.zip(), IssueCode.NO_CLASS_FOLDERS),
                Bad.fatal("folders of splits only", splits.zip(), IssueCode.NO_CLASS_FOLDERS),
                Bad.fatal("one folder", one.zip(), IssueCode.ONE_CLASS),
                Bad.beside(
                        "an image without a folder",
                        zip -> zip.file("x.png", bar(true, 90)),
                        IssueCode.MISSING_LABEL,
                        null),
                Bad.beside(
                        "a folder of two images",
                        zip -> zip.file("rare/1.png", bar(true, 90)).file("rare/2.png", bar(true, 91)),
                        IssueCode.RARE_CLASS,
                        "rare"),
                Bad.fatal("too few images", ImageArchive.empty().pictures("", 3).zip(), IssueCode.TOO_FEW_ROWS),
                new Bad(
                        "same picture in train and test",
                        images().file(
                                        "train.zip",
                                        Split.TRAIN,
                                        ImageArchive.good().zip())
                                .file(
                                        "test.zip",
                                        Split.TEST,
                                        ImageArchive.empty()
                                                .pictures("more/", 5)
                                                .file("standing/again.png", bar(true, "1".hashCode()))
                                                .zip()),
                        IssueCode.TRAIN_ROW_IN_TEST,
                        "standing/1.png",
                        39 + 11));
    }

    private static List<Bad> tables() {
        ImageArchive flat = ImageArchive.empty();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            flat.file("images/" + i + ".png", bar(i % 2 == 0, i));
            lines.add(i + ".png," + (i % 2 == 0 ? "standing" : "lying"));
        }
        byte[] archive = flat.zip();
        return List.of(
                new Bad(
                        "table names an image that is not there",
                        images().file("photos.zip", archive).file("labels.csv", csv(lines, "99.png,lying")),
                        IssueCode.IMAGE_NOT_FOUND,
                        "99.png",
                        40),
                new Bad(
                        "table leaves an image out",
                        images().file("photos.zip", archive).file("labels.csv", csv(lines.subList(0, 39))),
                        IssueCode.UNUSED_IMAGE,
                        null,
                        39),
                new Bad(
                        "table without a label",
                        images().file("photos.zip", archive).file("labels.csv", csv(lines.subList(0, 39), "39.png,")),
                        IssueCode.MISSING_LABEL,
                        null,
                        39),
                new Bad(
                        "table without a name",
                        images().file("photos.zip", archive).file("labels.csv", csv(lines.subList(0, 39), ",lying")),
                        IssueCode.MISSING_IMAGE,
                        null,
                        39),
                Bad.fatal(
                        "table without the images", images().file("labels.csv", csv(lines)), IssueCode.IMAGE_NOT_FOUND),
                new Bad(
                        "two images of the name",
                        images().file("photos.zip", archive)
                                .file(
                                        "more.zip",
                                        ImageArchive.empty()
                                                .file("x/7.png", bar(true, 99))
                                                .zip())
                                .file("labels.csv", csv(lines)),
                        IssueCode.IMAGE_NOT_FOUND,
                        "7.png",
                        39));
    }

    private static String csv(List<String> lines, String... more) {
        List<String> all = new ArrayList<>(lines);
        all.addAll(List.of(more));
        return "file,label\n" + String.join("\n", all) + "\n";
    }

    /** Five files of zeros, packed to a thousandth, beside good ones. */
    private static byte[] bomb() {
        ImageArchive archive = ImageArchive.good();
        for (int i = 0; i < 5; i++) {
            archive.file("lying/zeros" + i + ".bmp", new byte[30 << 20]);
        }
        return archive.zip();
    }

    private static byte[] gzipBomb() {
        var tar = new ByteArrayOutputStream();
        try (var archive = new TarArchiveOutputStream(new GZIPOutputStream(tar), StandardCharsets.UTF_8.name())) {
            byte[] zeros = new byte[8 << 20];
            for (int i = 0; i < 12; i++) {
                TarArchiveEntry entry = new TarArchiveEntry("lying/" + i + ".bmp");
                entry.setSize(zeros.length);
                archive.putArchiveEntry(entry);
                archive.write(zeros);
                archive.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tar.toByteArray();
    }

    private static byte[] tarWithLink() {
        var bytes = new ByteArrayOutputStream();
        byte[] good = ImageArchive.good().tar();
        // Two blocks of zeros, and what fills the last record, end an archive.
        int end = good.length;
        while (end > 0 && good[end - 1] == 0) {
            end--;
        }
        end = Math.ceilDiv(end, 512) * 512;
        bytes.write(good, 0, end);
        try (var tar = new TarArchiveOutputStream(bytes, StandardCharsets.UTF_8.name())) {
            TarArchiveEntry link = new TarArchiveEntry("lying/link.png", TarConstants.LF_SYMLINK);
            link.setLinkName("/etc/passwd");
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Says that it has a directory of two gibibytes. */
    private static byte[] hugeDirectory(byte[] zip) {
        byte[] huge = zip.clone();
        int end = huge.length - 22;
        huge[end + 15] = 0x7f;
        return huge;
    }

    /** Sets the mark of encryption in every header. */
    private static byte[] encrypted(byte[] zip) {
        byte[] marked = zip.clone();
        for (int i = 0; i < marked.length - 10; i++) {
            if (marked[i] == 'P' && marked[i + 1] == 'K') {
                if (marked[i + 2] == 3 && marked[i + 3] == 4) {
                    marked[i + 6] |= 1;
                } else if (marked[i + 2] == 1 && marked[i + 3] == 2) {
                    marked[i + 8] |= 1;
                }
            }
        }
        return marked;
    }

    /** A PNG that says it has sixty thousand pixels a side. */
    private static byte[] enormous() {
        byte[] png = bar(true, 1);
        for (int at : new int[] {16, 20}) {
            png[at + 2] = (byte) (60_000 >> 8);
            png[at + 3] = (byte) 60_000;
        }
        var crc = new CRC32();
        crc.update(png, 12, 17);
        for (int i = 0; i < 4; i++) {
            png[29 + i] = (byte) (crc.getValue() >> (24 - 8 * i));
        }
        return png;
    }
}
