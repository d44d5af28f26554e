package io.espalier.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.DatasetReport.Severity;
import io.espalier.contracts.dataset.Split;

/** The figures of a report add up, whatever the data. */
final class ReportSums {
    private ReportSums() {}

    static void check(DatasetReport report) {
        assertThat(report.rowsBySplit()).containsOnlyKeys(Split.values());
        assertThat(report.rowsBySplit().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .as("rows by split")
                .isEqualTo(report.rowsUsed());
        assertThat(report.profile().classes().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .as("rows by class")
                .isEqualTo(report.rowsUsed());
        assertThat(report.files().stream()
                        .mapToLong(DatasetReport.FileFormat::rows)
                        .sum())
                .as("rows by file")
                .isEqualTo(report.rows());
        assertThat(report.trainable())
                .isEqualTo(report.issues().stream().noneMatch(issue -> issue.severity() == Severity.ERROR));
        if (report.trainable()) {
            assertThat(report.issues().stream()
                            .filter(issue -> issue.severity() == Severity.ROWS_LEFT_OUT)
                            .mapToLong(Issue::count)
                            .sum())
                    .as("rows left out, by issue: %s", report.issues())
                    .isEqualTo(report.rows() - report.rowsUsed());
        }
    }
}
