package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.issue;
import static io.espalier.training.data.DatasetFixture.table;
import static io.espalier.training.data.DatasetFixture.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.FileFormat;
import io.espalier.contracts.dataset.Split;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the scan says about real data; see the README beside them. */
class PublicDataIT {
    /** Beside the checkout; the tests run in the module's folder. */
    private static final Path DATA = Path.of("../../shared/datasets");

    @TempDir
    static Path work;

    @BeforeAll
    static void theDataAreThere() {
        boolean there = Files.isDirectory(DATA);
        assertThat(there || !"true".equals(System.getenv("CI")))
                .as("../shared/datasets is missing, and under CI it must not be")
                .isTrue();
        assumeTrue(there, "Skipped: ../shared/datasets is not on this machine");
    }

    @Test
    void sst2HasNoHeaderAndAFewReviewsInBothTrainAndTest() {
        DatasetReport report = texts().file(DATA.resolve("sst2/train.tsv"), Split.TRAIN)
                .file(DATA.resolve("sst2/dev.tsv"), Split.VALIDATION)
                .file(DATA.resolve("sst2/test.tsv"), Split.TEST)
                .inspect(work);

        assertThat(report.trainable()).isTrue();
        assertThat(report.files())
                .extracting(FileFormat::format, FileFormat::header, FileFormat::rows)
                .containsExactly(tuple("tsv", false, 6920L), tuple("tsv", false, 872L), tuple("tsv", false, 1821L));
        assertThat(report.rowsBySplit()).containsEntry(Split.TEST, 1821L).containsEntry(Split.VALIDATION, 872L);
        assertThat(issue(report, "train-row-in-test").orElseThrow().count()).isEqualTo(3);
        assertThat(report.profile().classes()).containsOnlyKeys("0", "1");
        assertThat(report.profile().languages().get("en")).isGreaterThan(9000);
    }

    @Test
    void banking77KeepsItsTestSplit() {
        DatasetReport report = texts().file(DATA.resolve("banking77/train.csv"), Split.TRAIN)
                .file(DATA.resolve("banking77/test.csv"), Split.TEST)
                .inspect(work);

        assertThat(report.trainable()).isTrue();
        assertThat(report.profile().classes()).hasSize(77);
        assertThat(report.rowsBySplit()).containsEntry(Split.TEST, 3080L);
        assertThat(report.mapping().columnsByRole())
                .isEqualTo(Map.of("text", List.of("text"), "label", List.of("category")));
    }

    @Test
    void waimaiIsChineseAndContradictsItself() {
        DatasetReport report =
                texts().file(DATA.resolve("waimai/waimai_10k.csv"), null).inspect(work);

        assertThat(report.trainable()).isTrue();
        assertThat(report.profile().languages().get("zh")).isGreaterThan(11_900);
        assertThat(issue(report, "conflicting-labels").orElseThrow().count()).isPositive();
        assertThat(report.rowsBySplit().get(Split.TEST)).isBetween(1190L, 1200L);
    }

    @Test
    void adultHasNoHeaderAndSpellsTheLabelsOfTheTestDifferently() {
        DatasetReport report = table().file(DATA.resolve("adult/adult-train.csv"), Split.TRAIN)
                .file(DATA.resolve("adult/adult-test.csv"), Split.TEST)
                .inspect(work);

        assertThat(report.trainable()).isTrue();
        assertThat(report.mapping().columnsByRole()).containsEntry("label", List.of("column15"));
        assertThat(report.rowsBySplit()).containsEntry(Split.TEST, 16_281L);
        assertThat(report.profile().classes()).containsOnlyKeys("<=50K", ">50K");
        assertThat(report.profile().missing()).containsEntry("column2", 2799L);
        assertThat(issue(report, "label-spelling").orElseThrow().count()).isEqualTo(16_281);
    }
}
