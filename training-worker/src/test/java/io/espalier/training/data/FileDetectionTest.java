package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.csv;
import static io.espalier.training.data.DatasetFixture.goodLines;
import static io.espalier.training.data.DatasetFixture.issue;
import static io.espalier.training.data.DatasetFixture.table;
import static io.espalier.training.data.DatasetFixture.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.FileFormat;
import io.espalier.contracts.dataset.Split;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FileDetectionTest {
    private static final String CHINESE = lines("review,label", "第%d次点餐，送得很快", "好评", "差评");
    private static final String GERMAN =
            lines("text,label", "Bestellung %d: schöne Größe, für Übermäßige", "gut", "schlecht");

    @TempDir
    static Path work;

    private static String lines(String header, String text, String even, String odd) {
        return header + "\n"
                + IntStream.range(0, 60)
                        .mapToObj(i -> "\"" + text.formatted(i) + "\"," + (i % 2 == 0 ? even : odd))
                        .collect(Collectors.joining("\n"))
                + "\n";
    }

    private static FileFormat only(DatasetReport report) {
        assertThat(report.trainable()).as("%s", report.issues()).isTrue();
        assertThat(report.files()).hasSize(1);
        return report.files().getFirst();
    }

    @Nested
    class Encodings {
        @ParameterizedTest
        @CsvSource({
            "UTF-8, UTF-8",
            "UTF-16LE, UTF-16LE",
            "UTF-16BE, UTF-16BE",
            "GBK, GB18030",
            "GB18030, GB18030",
        })
        void areFoundInChineseText(String written, String found) {
            DatasetReport report = texts().file("a.csv", CHINESE.getBytes(Charset.forName(written)))
                    .inspect(work);

            assertThat(only(report).encoding()).isEqualTo(found);
            assertThat(report.preview().rows().getFirst()).containsExactly("第0次点餐，送得很快", "好评");
            assertThat(report.rowsUsed()).isEqualTo(60);
        }

        @ParameterizedTest
        @CsvSource({
            "UTF-8, UTF-8",
            "UTF-16LE, UTF-16LE",
            "UTF-16BE, UTF-16BE",
            "ISO-8859-1, ISO-8859-1",
            "windows-1252, ISO-8859-1",
        })
        void areFoundInGermanText(String written, String found) {
            DatasetReport report = texts().file("a.csv", GERMAN.getBytes(Charset.forName(written)))
                    .inspect(work);

            assertThat(only(report).encoding()).isEqualTo(found);
            assertThat(report.preview().rows().getFirst().getFirst()).endsWith("schöne Größe, für Übermäßige");
        }

        @ParameterizedTest
        @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
        void areFoundByTheirByteOrderMark(String written) {
            byte[] bytes = ("\ufeff" + CHINESE).getBytes(Charset.forName(written));

            DatasetReport report = texts().file("a.csv", bytes).inspect(work);

            assertThat(only(report).encoding()).isEqualTo(written);
            assertThat(report.files().getFirst().columns()).containsExactly("review", "label");
        }

        @Test
        void windows1252IsToldFromLatin1ByItsQuotationMarks() {
            String text = lines("text,label", "Order %d “arrived” – fine…", "good", "bad");

            DatasetReport report = texts().file("a.csv", text.getBytes(Charset.forName("windows-1252")))
                    .inspect(work);

            assertThat(only(report).encoding()).isEqualTo("windows-1252");
            assertThat(report.preview().rows().getFirst().getFirst()).isEqualTo("Order 0 “arrived” – fine…");
        }

        @Test
        void applyToJsonLinesToo() {
            String json = IntStream.range(0, 20)
                    .mapToObj(i -> "{\"text\": \"第%d次点餐\", \"label\": \"%s\"}".formatted(i, i % 2 == 0 ? "好" : "差"))
                    .collect(Collectors.joining("\n"));

            DatasetReport report = texts().file("a.jsonl", json.getBytes(Charset.forName("GBK")))
                    .inspect(work);

            assertThat(only(report).encoding()).isEqualTo("GB18030");
            assertThat(report.preview().rows().getFirst()).containsExactly("第0次点餐", "好");
        }
    }

    @Nested
    class Dialects {
        @ParameterizedTest
        @ValueSource(strings = {",", ";", "\t", "|"})
        void delimitersAreFoundAroundQuotedCells(String delimiter) {
            String content = "text" + delimiter + "label\n"
                    + IntStream.range(0, 60)
                            .mapToObj(
                                    i -> "\"One; two, three | four " + i + "\"" + delimiter + (i % 2 == 0 ? "a" : "b"))
                            .collect(Collectors.joining("\n"));

            FileFormat format = only(texts().file("data.txt", content).inspect(work));

            assertThat(format.delimiter()).isEqualTo(delimiter);
            assertThat(format.quote()).isEqualTo("\"");
            assertThat(format.format()).isEqualTo(delimiter.equals("\t") ? "tsv" : "csv");
        }

        @Test
        void quotationMarksInTabSeparatedTextBelongToTheText() {
            String content = IntStream.range(0, 60)
                    .mapToObj(i -> (i % 10 == 0 ? "\"open " : "closed ") + "and " + i + "\t" + i % 2)
                    .collect(Collectors.joining("\n"));

            DatasetReport report = texts().file("a.tsv", content).inspect(work);

            assertThat(only(report).quote()).isNull();
            assertThat(report.rowsUsed()).isEqualTo(60);
            assertThat(report.preview().rows().getFirst().getFirst()).isEqualTo("\"open and 0");
        }

        @Test
        void singleQuotationMarksAreFound() {
            String content = "text,label\n"
                    + IntStream.range(0, 60)
                            .mapToObj(i -> "'well, number " + i + "','" + (i % 2 == 0 ? "a" : "b") + "'")
                            .collect(Collectors.joining("\n"));

            assertThat(only(texts().file("a.csv", content).inspect(work)).quote())
                    .isEqualTo("'");
        }

        @ParameterizedTest
        @ValueSource(strings = {"\n", "\r\n", "\r"})
        void everyLineEndIsRead(String lineEnd) {
            String content = "text,label" + lineEnd + String.join(lineEnd, goodLines());

            DatasetReport report = texts().file("a.csv", content).inspect(work);

            assertThat(only(report).rows()).isEqualTo(40);
        }
    }

    @Nested
    class Headers {
        @Test
        void anAbsentHeaderGivesPositionalNames() {
            DatasetReport report =
                    texts().file("a.csv", String.join("\n", goodLines())).inspect(work);

            assertThat(only(report).header()).isFalse();
            assertThat(only(report).columns()).containsExactly("column1", "column2");
            assertThat(report.mapping().columnsByRole())
                    .containsEntry("text", List.of("column1"))
                    .containsEntry("label", List.of("column2"));
        }

        @Test
        void unusualNamesAreAHeaderAndTheContentTellsTheRoles() {
            String content = "Kategorie,Nachricht\n"
                    + IntStream.range(0, 60)
                            .mapToObj(i -> (i % 2 == 0 ? "gut" : "schlecht") + ",eine lange Nachricht Nummer " + i)
                            .collect(Collectors.joining("\n"));

            DatasetReport report = texts().file("a.csv", content).inspect(work);

            assertThat(only(report).header()).isTrue();
            assertThat(report.mapping().columnsByRole())
                    .containsEntry("text", List.of("Nachricht"))
                    .containsEntry("label", List.of("Kategorie"));
        }

        @ParameterizedTest
        @CsvSource({
            "'text,label,', 'sentence %d,%s,'",
            "'text,label,', 'sentence %d,%s,some note'",
            "'text,,label', 'sentence %d,some note,%s'",
            "'fliegt,grund,', 'sentence %d,%s,'"
        })
        void aHeaderMayHaveColumnsWithoutAName(String header, String row) {
            List<String> lines = IntStream.range(0, 40)
                    .mapToObj(i -> row.formatted(i, i % 2 == 0 ? "yes" : "no"))
                    .toList();

            DatasetReport report = texts().file("a.csv", csv(header, lines)).inspect(work);

            assertThat(report.files().getFirst().header()).isTrue();
            assertThat(report.rowsUsed()).isEqualTo(40);
        }

        @Test
        void aRowThatLacksACellIsNotTakenForAHeader() {
            List<String> lines = new ArrayList<>(goodLines());
            lines.addFirst("No label here,");

            DatasetReport report = texts().file("a.csv", csv("", lines)).inspect(work);

            assertThat(report.files().getFirst().header()).isFalse();
        }

        @Test
        void aPartWithoutHeaderTakesTheNamesOfTheOther() {
            DatasetReport report = texts().file(
                            "test.csv",
                            Split.TEST,
                            String.join("\n", goodLines().subList(0, 10)))
                    .file(
                            "train.csv",
                            Split.TRAIN,
                            DatasetFixture.csv("text,label", goodLines().subList(10, 40)))
                    .inspect(work);

            assertThat(report.files()).extracting(FileFormat::header).containsExactly(true, false);
            assertThat(report.files()).extracting(FileFormat::rows).containsExactly(30L, 10L);
            assertThat(report.rowsBySplit()).containsEntry(Split.TEST, 10L);
            assertThat(report.trainable()).isTrue();
        }

        @Test
        void columnsInAnotherOrderAreMatchedByName() {
            String swapped = "label,text\npraise,one more\ncomplaint,and another\n";

            DatasetReport report = texts().file("a.csv", DatasetFixture.csv("text,label", goodLines()))
                    .file("b.csv", swapped)
                    .inspect(work);

            assertThat(report.rowsUsed()).isEqualTo(42);
            assertThat(report.profile().classes()).containsOnlyKeys("praise", "complaint");
        }

        @Test
        void aTableOfNumbersWithoutHeaderPredictsItsLastColumn() {
            String content = IntStream.range(0, 60)
                    .mapToObj(i -> i + ", " + i * 7 % 13 + ", word" + i % 3 + ", " + (i % 2 == 0 ? ">1" : "<=1"))
                    .collect(Collectors.joining("\n"));

            DatasetReport report = table().file("a.data", content).inspect(work);

            assertThat(only(report).header()).isFalse();
            assertThat(report.mapping().columnsByRole())
                    .containsEntry("label", List.of("column4"))
                    .containsEntry("features", List.of("column1", "column2", "column3"));
        }

        @Test
        void theMappingInForceGivesTheSameReportAgain() {
            DatasetFixture dataset = texts().file("a.csv", String.join("\n", goodLines()));
            DatasetReport guessed = dataset.inspect(work);

            DatasetReport mapped = dataset.mapping(guessed.mapping()).inspect(work);

            assertThat(mapped).isEqualTo(guessed);
        }
    }

    @Nested
    class Mappings {
        @Test
        void aSplitColumnIsGuessedByNameAndContent() {
            String content = "text,label,split\n"
                    + IntStream.range(0, 60)
                            .mapToObj(i ->
                                    "sentence " + i + "," + i % 2 + "," + (i < 40 ? "train" : i < 50 ? "dev" : "Test"))
                            .collect(Collectors.joining("\n"));

            DatasetReport report = texts().file("a.csv", content).inspect(work);

            assertThat(report.mapping().splitColumn()).isEqualTo("split");
            assertThat(report.rowsBySplit())
                    .isEqualTo(Map.of(Split.TRAIN, 40L, Split.VALIDATION, 10L, Split.TEST, 10L));
        }

        @Test
        void anEmptySplitColumnMeansNone() {
            String content = "text,label,split\n"
                    + IntStream.range(0, 60)
                            .mapToObj(i -> "sentence " + i + "," + i % 2 + ",test")
                            .collect(Collectors.joining("\n"));

            DatasetReport report =
                    texts().file("a.csv", content).mapping(Map.of(), "").inspect(work);

            assertThat(report.rowsBySplit().get(Split.TRAIN)).isEqualTo(48);
        }
    }

    @Test
    void parquetIsReadWithItsNumbersAsText() {
        byte[] parquet = ParquetFixture.parquet(
                "SELECT 'sentence ' || i AS text, (i % 2)::INTEGER AS label, i / 4.0 AS score, CASE WHEN i = 1 THEN 'nan'::DOUBLE ELSE 1.5 END AS gap FROM range(40) t(i)");

        DatasetReport report = texts().file("a.bin", parquet).inspect(work);

        assertThat(only(report).format()).isEqualTo("parquet");
        assertThat(report.preview().rows().get(1)).containsExactly("sentence 1", "1", "0.25", null);
        assertThat(report.profile().classes()).isEqualTo(Map.of("0", 20L, "1", 20L));
    }

    @Test
    void jsonLinesMayLackFields() {
        String json = IntStream.range(0, 40)
                .mapToObj(i -> i == 0
                        ? "{\"text\": \"first\", \"label\": true}"
                        : "{\"label\": %s, \"text\": \"number %d\", \"note\": 1.50}".formatted(i % 2 == 0, i))
                .collect(Collectors.joining("\r\n"));

        DatasetReport report = texts().file("data", json).inspect(work);

        assertThat(only(report).columns()).containsExactly("text", "label", "note");
        assertThat(report.preview().rows().get(1)).containsExactly("number 1", "false", "1.50");
        assertThat(report.profile().missing()).containsEntry("note", 1L);
        assertThat(issue(report, "unexpected-field")).isEmpty();
    }

    @Test
    void aReplacementCharacterThatStandsInTheFileIsText() {
        List<String> lines = new ArrayList<>(goodLines());
        lines.set(3, "caf\ufffd with a view,praise");

        DatasetReport report = texts().file("a.csv", csv("text,label", lines)).inspect(work);

        assertThat(report.rowsUsed()).isEqualTo(40);
    }

    @Test
    void aStrayNulDoesNotMakeAFileUtf16() {
        String content = DatasetFixture.csv("text,label", goodLines()) + "a\0b\0c\0d,praise\n";

        DatasetReport report = texts().file("a.csv", content.getBytes(StandardCharsets.US_ASCII))
                .inspect(work);

        assertThat(only(report).encoding()).isEqualTo("UTF-8");
        assertThat(issue(report, "nul-byte")).isPresent();
    }

    @Test
    void aVersionWithoutFilesCannotBeTrainedOn() {
        DatasetReport report = texts().inspect(work);

        assertThat(report.trainable()).isFalse();
        assertThat(issue(report, "missing-file")).isPresent();
    }
}
