package io.espalier.contracts.task.recommendation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimesTest {
    @ParameterizedTest
    @CsvSource({
        "881250949, 1997-12-04T15:55:49Z",
        "881250949.5, 1997-12-04T15:55:49.500Z",
        "1764166949000, 2025-11-26T14:22:29Z",
        "1764166949000000, 2025-11-26T14:22:29Z",
        "2026-11-26, 2026-11-26T00:00:00Z",
        "2026/11/26, 2026-11-26T00:00:00Z",
        "2026-11-26 14:22:29, 2026-11-26T14:22:29Z",
        "2026-11-26T14:22, 2026-11-26T14:22:00Z",
        "2026-11-26T14:22:29+02:00, 2026-11-26T12:22:29Z",
        "2026-11-26T14:22:29.25Z, 2026-11-26T14:22:29.250Z",
        "2019-10-01 00:00:00 UTC, 2019-10-01T00:00:00Z",
        "2019-10-01 00:00:00.5 GMT, 2019-10-01T00:00:00.500Z",
        "2019-10-01 03:00:00+00, 2019-10-01T03:00:00Z",
        "2019-10-01 03:00:00+0200, 2019-10-01T01:00:00Z",
        "2019-10-01T03:00 -02:30, 2019-10-01T05:30:00Z",
        "-86400, 1969-12-31T00:00:00Z"
    })
    void readsWhatTablesHold(String text, Instant expected) {
        assertThat(Times.parse(text)).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @CsvSource({
        "now",
        "12:30",
        "26.11.2026",
        "2026-13-01",
        "2026-02-30",
        "1e30",
        "NaN",
        "Infinity",
        "T",
        "2026-11-26T",
        "2026-11-26 UTC",
        "2026-11-26 14:22 CET",
        "2026-11-26 14:22 +25000",
        "+999999999-12-31",
        "+300000-01-01",
        "-0044-03-15"
    })
    void saysWhereItIsNone(String text) {
        assertThat(Times.parse(text)).isNull();
    }
}
