package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.csv;
import static io.espalier.training.data.DatasetFixture.goodLines;
import static io.espalier.training.data.DatasetFixture.issue;
import static io.espalier.training.data.DatasetFixture.table;
import static io.espalier.training.data.DatasetFixture.texts;
import static io.espalier.training.data.ParquetFixture.goodParquet;
import static io.espalier.training.data.ParquetFixture.parquet;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.Split;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The corpus of files that users really upload: each has to be named for what it is, at its row and column. */
class BadFilesTest {
    @TempDir
    static Path work;

    /** @param leftOut rows that have to be missing from the training */
    private record BadFile(
            String name, DatasetFixture dataset, String code, Long row, String column, boolean trainable, int leftOut) {
        static BadFile fatal(String name, DatasetFixture dataset, IssueCode code, Integer row, String column) {
            return new BadFile(name, dataset, code.code(), asLong(row), column, false, -1);
        }

        static BadFile leaves(
                int rows, String name, DatasetFixture dataset, IssueCode code, Integer row, String column) {
            return new BadFile(name, dataset, code.code(), asLong(row), column, true, rows);
        }

        static BadFile warns(String name, DatasetFixture dataset, IssueCode code, Integer row, String column) {
            return new BadFile(name, dataset, code.code(), asLong(row), column, true, 0);
        }

        private static Long asLong(Integer row) {
            return row == null ? null : row.longValue();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("corpus")
    void namesTheProblemAtItsPlace(BadFile bad) {
        DatasetReport report = bad.dataset().inspect(work);

        Issue issue = issue(report, bad.code())
                .orElseThrow(() -> new AssertionError("Expected " + bad.code() + " in " + report.issues()));
        assertThat(issue.message()).isNotBlank().doesNotContain("{", "null");
        assertThat(issue.count()).isPositive();
        assertThat(issue.examples()).hasSizeBetween(1, IssueLog.EXAMPLES);
        assertThat(issue.examples().getFirst().file()).isNotBlank();
        assertThat(issue.examples().getFirst().row()).as("row").isEqualTo(bad.row());
        assertThat(issue.examples().getFirst().column()).as("column").isEqualTo(bad.column());
        assertThat(report.trainable()).as("trainable: %s", report.issues()).isEqualTo(bad.trainable());
        if (bad.leftOut() >= 0) {
            assertThat(report.rows() - report.rowsUsed()).isEqualTo(bad.leftOut());
        }
        ReportSums.check(report);
        assertThat(work).isEmptyDirectory();
    }

    static Stream<BadFile> corpus() {
        return Stream.of(files(), rows(), labels(), splits(), tables(), json(), binaries())
                .flatMap(List::stream);
    }

    private static List<BadFile> files() {
        return List.of(
                BadFile.fatal("never uploaded", texts().absent("a.csv"), IssueCode.MISSING_FILE, null, null),
                BadFile.fatal("no bytes", texts().file("a.csv", ""), IssueCode.EMPTY_FILE, null, null),
                BadFile.fatal("blank lines only", texts().file("a.csv", "\n\n  \n"), IssueCode.EMPTY_FILE, null, null),
                BadFile.fatal(
                        "byte order mark only",
                        texts().file("a.csv", bytes(0xef, 0xbb, 0xbf)),
                        IssueCode.EMPTY_FILE,
                        null,
                        null),
                BadFile.fatal("header only", texts().file("a.csv", "text,label\n"), IssueCode.NO_ROWS, null, null),
                BadFile.fatal(
                        "header only, second part",
                        texts().file("a.csv", csv("text,label", goodLines())).file("b.csv", "text,label\n"),
                        IssueCode.NO_ROWS,
                        null,
                        null),
                BadFile.fatal(
                        "duplicate column names",
                        texts().file("a.csv", csv("text,label,text", widened(goodLines(), "x"))),
                        IssueCode.DUPLICATE_COLUMN,
                        1,
                        "text"),
                BadFile.fatal(
                        "mapping names an unknown column",
                        texts().file("a.csv", csv("text,label", goodLines()))
                                .mapping(Map.of("text", "Text", "label", "label"), null),
                        IssueCode.UNKNOWN_COLUMN,
                        null,
                        "Text"),
                BadFile.fatal(
                        "mapping names an unknown split column",
                        texts().file("a.csv", csv("text,label", goodLines())).mapping(Map.of(), "fold"),
                        IssueCode.UNKNOWN_COLUMN,
                        null,
                        "fold"),
                BadFile.fatal(
                        "one column for two parts",
                        texts().file("a.csv", csv("text,label", goodLines()))
                                .mapping(Map.of("text", "text", "label", "text"), null),
                        IssueCode.COLUMN_USED_TWICE,
                        null,
                        "text"),
                BadFile.fatal(
                        "mapping names an unknown part",
                        texts().file("a.csv", csv("text,label", goodLines())).mapping(Map.of("topic", "label"), null),
                        IssueCode.UNKNOWN_ROLE,
                        null,
                        null),
                BadFile.fatal(
                        "no column that could be a label",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text",
                                                IntStream.range(0, 60)
                                                        .mapToObj(i -> "a sentence with the number " + i)
                                                        .toList())),
                        IssueCode.MISSING_COLUMN,
                        null,
                        null),
                BadFile.fatal(
                        "parts with different columns",
                        texts().file("a.csv", csv("text,label", goodLines()))
                                .file("b.csv", csv("message,label", goodLines())),
                        IssueCode.COLUMNS_DIFFER,
                        null,
                        "text"),
                BadFile.warns(
                        "a part that lacks a column which nobody uses",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label,note",
                                                widened(goodLines().subList(0, 20), "n")))
                                .file("b.csv", csv("text,label", goodLines().subList(20, 40))),
                        IssueCode.EXTRA_COLUMN,
                        null,
                        "note"),
                BadFile.warns(
                        "a part with one more column",
                        texts().file("a.csv", csv("text,label", goodLines().subList(0, 20)))
                                .file(
                                        "b.csv",
                                        csv(
                                                "text,label,note",
                                                widened(goodLines().subList(20, 40), "n"))),
                        IssueCode.EXTRA_COLUMN,
                        null,
                        "note"),
                BadFile.fatal(
                        "an Excel workbook",
                        texts().file("a.csv", "PK\u0003\u0004whatever"),
                        IssueCode.UNSUPPORTED_FORMAT,
                        null,
                        null),
                BadFile.fatal(
                        "a gzip file",
                        texts().file("a.csv.gz", bytes(0x1f, 0x8b, 8, 0, 1, 2, 3)),
                        IssueCode.UNSUPPORTED_FORMAT,
                        null,
                        null),
                BadFile.fatal(
                        "a web page",
                        texts().file("a.csv", "<!DOCTYPE html>\n<html><body>Sign in</body></html>"),
                        IssueCode.UNSUPPORTED_FORMAT,
                        null,
                        null),
                BadFile.fatal(
                        "an image named CSV",
                        texts().file(
                                        "a.csv",
                                        bytes(IntStream.range(0, 4000)
                                                .map(i -> i * 7919 >> 3 & 0xff)
                                                .toArray())),
                        IssueCode.UNSUPPORTED_FORMAT,
                        null,
                        null));
    }

    private static List<BadFile> rows() {
        return List.of(
                BadFile.leaves(
                        1,
                        "a row with too many columns",
                        texts().file("a.csv", csv("text,label", with(goodLines(), 3, "well, I never,praise"))),
                        IssueCode.WRONG_COLUMN_COUNT,
                        5,
                        null),
                BadFile.leaves(
                        1,
                        "a row with too few columns",
                        texts().file("a.csv", csv("text,label", with(goodLines(), 0, "lonely"))),
                        IssueCode.WRONG_COLUMN_COUNT,
                        2,
                        null),
                BadFile.leaves(
                        1,
                        "a title above the header",
                        texts().file("a.csv", "Export of May\n" + csv("text,label", goodLines())),
                        IssueCode.WRONG_COLUMN_COUNT,
                        1,
                        null),
                BadFile.fatal(
                        "a quotation mark that is never closed",
                        texts().file("a.csv", csv("text,label", with(goodLines(), 39, "\"I never end,praise"))),
                        IssueCode.UNTERMINATED_QUOTE,
                        41,
                        null),
                BadFile.fatal(
                        "a quotation mark that is never closed in the first row",
                        texts().file("a.csv", "text,label\n\"I never end,praise\nand, go on\nfor, ever\n"),
                        IssueCode.UNTERMINATED_QUOTE,
                        2,
                        null),
                BadFile.leaves(
                        1,
                        "a broken UTF-8 character",
                        texts().file(
                                        "a.csv",
                                        joined(
                                                csv(
                                                                "text,label",
                                                                with(
                                                                        goodLines(),
                                                                        5,
                                                                        "schöne Grüße für Änderung,praise"))
                                                        .getBytes(StandardCharsets.UTF_8),
                                                bytes('b', 'a', 0xc3, 'd', ',', 'p', 'r', 'a', 'i', 's', 'e', '\n'))),
                        IssueCode.UNDECODABLE_BYTES,
                        42,
                        "text"),
                BadFile.leaves(
                        1,
                        "UTF-16 that is cut in the middle of a character",
                        texts().file(
                                        "a.csv",
                                        cut(csv(
                                                        "label,text",
                                                        goodLines().stream()
                                                                .map(BadFilesTest::swapped)
                                                                .toList())
                                                .stripTrailing()
                                                .getBytes(StandardCharsets.UTF_16LE))),
                        IssueCode.UNDECODABLE_BYTES,
                        41,
                        "text"),
                BadFile.leaves(
                        1,
                        "a NUL character",
                        texts().file("a.csv", csv("text,label", with(goodLines(), 2, "he\0llo,praise"))),
                        IssueCode.NUL_BYTE,
                        4,
                        "text"),
                BadFile.leaves(
                        2,
                        "empty texts",
                        texts().file(
                                        "a.csv",
                                        csv("text,label", with(with(goodLines(), 1, ",praise"), 7, "\"  \",praise"))),
                        IssueCode.EMPTY_TEXT,
                        3,
                        "text"),
                BadFile.leaves(
                        1,
                        "a missing label",
                        texts().file("a.csv", csv("text,label", with(goodLines(), 10, "where is it,"))),
                        IssueCode.MISSING_LABEL,
                        12,
                        "label"),
                BadFile.leaves(
                        1,
                        "a missing label behind blank lines",
                        texts().file("a.csv", csv("text,label", with(goodLines(), 10, "\n\nwhere is it,"))),
                        IssueCode.MISSING_LABEL,
                        14,
                        "label"),
                BadFile.leaves(
                        1,
                        "a missing label behind a text of two lines",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label",
                                                with(goodLines(), 10, "\"two\nlines\",praise\nwhere is it,"))),
                        IssueCode.MISSING_LABEL,
                        13,
                        "label"),
                BadFile.leaves(
                        2,
                        "duplicate rows",
                        texts().file("a.csv", csv("text,label", doubled(goodLines(), 4, 5))),
                        IssueCode.DUPLICATE_ROW,
                        42,
                        "text"),
                BadFile.warns(
                        "texts that will be cut off",
                        texts().file(
                                        "a.csv",
                                        csv("text,label", with(goodLines(), 6, "on and on ".repeat(60) + ",praise"))),
                        IssueCode.TRUNCATED_TEXT,
                        8,
                        "text"));
    }

    private static List<BadFile> labels() {
        return List.of(
                BadFile.leaves(
                        2,
                        "the same text with two labels",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label",
                                                with(
                                                        goodLines(),
                                                        40,
                                                        swappedLabel(goodLines().get(8))))),
                        IssueCode.CONFLICTING_LABELS,
                        10,
                        "text"),
                BadFile.leaves(
                        2,
                        "too few examples of a class",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label",
                                                with(with(goodLines(), 40, "who is it,other"), 41, "why me,other"))),
                        IssueCode.RARE_CLASS,
                        42,
                        "label"),
                BadFile.fatal(
                        "one class only",
                        texts().file("a.csv", csv("text,label", onlyOf(goodLines(), "praise"))),
                        IssueCode.ONE_CLASS,
                        null,
                        null),
                BadFile.fatal(
                        "one class left after rare ones",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label",
                                                with(onlyOf(goodLines(), "praise"), 20, "where is it,complaint"))),
                        IssueCode.ONE_CLASS,
                        null,
                        null),
                BadFile.fatal(
                        "too few rows",
                        texts().file("a.csv", csv("text,label", goodLines().subList(0, 8))),
                        IssueCode.TOO_FEW_ROWS,
                        null,
                        null),
                BadFile.warns(
                        "few rows",
                        texts().file("a.csv", csv("text,label", goodLines())),
                        IssueCode.FEW_ROWS,
                        null,
                        null),
                BadFile.fatal(
                        "a label of its own for nearly every row",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label",
                                                IntStream.range(0, 3 * 1001)
                                                        .mapToObj(i -> "sentence " + i + ",label" + i % 1001)
                                                        .toList())),
                        IssueCode.TOO_MANY_CLASSES,
                        null,
                        "label"));
    }

    private static List<BadFile> splits() {
        List<String> train = goodLines();
        List<String> test = List.of("my card was stolen,complaint", "a fine shop,praise");
        return List.of(
                BadFile.leaves(
                        1,
                        "an unknown split word",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label,split",
                                                with(widened(train, "train"), 9, "hello there,praise,tomorrow"))),
                        IssueCode.UNKNOWN_SPLIT,
                        11,
                        "split"),
                BadFile.warns(
                        "a row without a split word",
                        texts().file(
                                        "a.csv",
                                        csv(
                                                "text,label,split",
                                                with(widened(train, "train"), 9, "hello there,praise,"))),
                        IssueCode.MISSING_SPLIT,
                        11,
                        "split"),
                BadFile.leaves(
                        1,
                        "a training row that stands in test",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file("test.csv", Split.TEST, csv("text,label", with(test, 2, train.get(7)))),
                        IssueCode.TRAIN_ROW_IN_TEST,
                        9,
                        "text"),
                BadFile.leaves(
                        1,
                        "a training row that stands in test with another label",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file(
                                        "test.csv",
                                        Split.TEST,
                                        csv("text,label", with(test, 2, swappedLabel(train.get(7))))),
                        IssueCode.TRAIN_ROW_IN_TEST,
                        9,
                        "text"),
                BadFile.leaves(
                        1,
                        "a training row that stands in validation",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file("dev.csv", Split.VALIDATION, csv("text,label", with(test, 2, train.get(7)))),
                        IssueCode.TRAIN_ROW_IN_VALIDATION,
                        9,
                        "text"),
                BadFile.warns(
                        "duplicates in test",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file("test.csv", Split.TEST, csv("text,label", doubled(test, 0))),
                        IssueCode.DUPLICATE_TEST_ROW,
                        4,
                        "text"),
                BadFile.warns(
                        "a contradiction in test",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file(
                                        "test.csv",
                                        Split.TEST,
                                        csv("text,label", with(test, 2, "a fine shop,complaint"))),
                        IssueCode.CONFLICTING_TEST_LABELS,
                        3,
                        "label"),
                BadFile.warns(
                        "a label that only test has",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file("test.csv", Split.TEST, csv("text,label", with(test, 1, "who are you,question"))),
                        IssueCode.LABEL_NOT_IN_TRAIN,
                        3,
                        "label"),
                BadFile.fatal(
                        "test labels that differ altogether",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file("test.csv", Split.TEST, csv("text,label", List.of("so bad,1", "so good,0"))),
                        IssueCode.LABELS_OF_TEST_DIFFER,
                        null,
                        null),
                BadFile.warns(
                        "test labels that end in a full stop",
                        texts().file("train.csv", Split.TRAIN, csv("text,label", train))
                                .file(
                                        "test.csv",
                                        Split.TEST,
                                        csv("text,label", List.of("so bad,complaint.", "so good,Praise."))),
                        IssueCode.LABEL_SPELLING,
                        2,
                        "label"),
                BadFile.fatal(
                        "nothing to train on",
                        texts().file("test.csv", Split.TEST, csv("text,label", train)),
                        IssueCode.NO_TRAINING_ROWS,
                        null,
                        null));
    }

    private static List<BadFile> tables() {
        List<String> rows = IntStream.range(0, 60)
                .mapToObj(i -> i + "," + i * i % 17 + ",c" + i % 3 + "," + (i % 2 == 0 ? "yes" : "no"))
                .toList();
        String header = "age,points,kind,label";
        return List.of(
                BadFile.warns(
                        "a word among numbers",
                        table().file("a.csv", csv(header, with(rows, 60, "sixty,3,c1,yes"))),
                        IssueCode.NOT_A_NUMBER,
                        62,
                        "age"),
                BadFile.fatal(
                        "a lookup table of two different rows, which leaves none for the test",
                        table().file("a.csv", csv("kind,label", Collections.nCopies(10, "a,yes\nb,no"))),
                        IssueCode.NO_TEST_ROWS,
                        null,
                        null),
                BadFile.fatal(
                        "a lookup table of two rows a label, which leaves none for validation",
                        table().file("a.csv", csv("kind,label", Collections.nCopies(5, "a,yes\nb,no\nc,yes\nd,no"))),
                        IssueCode.NO_VALIDATION_ROWS,
                        null,
                        null),
                BadFile.leaves(
                        1,
                        "a row without a label",
                        table().file("a.csv", csv(header, with(rows, 30, "7,3,c1,"))),
                        IssueCode.MISSING_LABEL,
                        32,
                        "label"),
                BadFile.warns(
                        "equal rows of a table",
                        table().file("a.csv", csv(header, doubled(rows, 11))),
                        IssueCode.EQUAL_ROWS,
                        62,
                        null),
                BadFile.warns(
                        "equal features with two labels",
                        table().file(
                                        "a.csv",
                                        csv(header, with(rows, 60, rows.get(3).replace(",no", ",yes")))),
                        IssueCode.AMBIGUOUS_ROWS,
                        5,
                        "label"),
                BadFile.leaves(
                        1,
                        "a table's training row that stands in test",
                        table().file("train.csv", Split.TRAIN, csv(header, rows))
                                .file("test.csv", Split.TEST, csv(header, rows.subList(5, 6))),
                        IssueCode.TRAIN_ROW_IN_TEST,
                        7,
                        null));
    }

    private static List<BadFile> json() {
        List<String> lines = IntStream.range(0, 40)
                .mapToObj(i -> "{\"text\": \"line number %d\", \"label\": \"%s\"}".formatted(i, i % 2 == 0 ? "a" : "b"))
                .toList();
        return List.of(
                BadFile.leaves(
                        1,
                        "a JSON line that is cut off",
                        texts().file("a.jsonl", String.join("\n", with(lines, 40, "{\"text\": \"cut o"))),
                        IssueCode.MALFORMED_JSON,
                        41,
                        null),
                BadFile.leaves(
                        1,
                        "a first JSON line that is broken",
                        texts().file("a.jsonl", String.join("\n", with(lines, 0, "{\"text\": 'x'}"))),
                        IssueCode.MALFORMED_JSON,
                        1,
                        null),
                BadFile.leaves(
                        1,
                        "two objects on a line",
                        texts().file("a.jsonl", String.join("\n", with(lines, 3, lines.get(3) + lines.get(4)))),
                        IssueCode.MALFORMED_JSON,
                        4,
                        null),
                BadFile.leaves(
                        1,
                        "a field twice in an object",
                        texts().file(
                                        "a.jsonl",
                                        String.join(
                                                "\n",
                                                with(
                                                        lines,
                                                        3,
                                                        "{\"text\": \"x\", \"text\": \"y\", \"label\": \"a\"}"))),
                        IssueCode.MALFORMED_JSON,
                        4,
                        null),
                BadFile.leaves(
                        2,
                        "JSON lines that are no objects",
                        texts().file("a.jsonl", String.join("\n", with(with(lines, 5, "[\"x\", \"a\"]"), 6, "42"))),
                        IssueCode.NOT_AN_OBJECT,
                        6,
                        null),
                BadFile.leaves(
                        1,
                        "a nested value",
                        texts().file(
                                        "a.jsonl",
                                        String.join("\n", with(lines, 5, "{\"text\": [\"x\"], \"label\": \"a\"}"))),
                        IssueCode.NESTED_VALUE,
                        6,
                        "text"),
                BadFile.leaves(
                        1,
                        "an object without the label",
                        texts().file("a.jsonl", String.join("\n", with(lines, 5, "{\"text\": \"x\"}"))),
                        IssueCode.MISSING_LABEL,
                        6,
                        "label"),
                BadFile.leaves(
                        1,
                        "half a surrogate pair",
                        texts().file(
                                        "a.jsonl",
                                        String.join(
                                                "\n", with(lines, 5, "{\"text\": \"x \\ud83d\", \"label\": \"a\"}"))),
                        IssueCode.UNDECODABLE_BYTES,
                        6,
                        "text"),
                BadFile.fatal(
                        "one JSON list",
                        texts().file("a.json", "[" + String.join(",\n", lines) + "]"),
                        IssueCode.UNSUPPORTED_FORMAT,
                        null,
                        null),
                BadFile.fatal(
                        "one pretty-printed JSON object",
                        texts().file("a.json", "{\n  \"data\": [\n    1,\n    2\n  ]\n}\n"),
                        IssueCode.UNSUPPORTED_FORMAT,
                        null,
                        null));
    }

    private static List<BadFile> binaries() {
        byte[] parquet = goodParquet();
        byte[] damaged = parquet.clone();
        Arrays.fill(damaged, 20, 200, (byte) 0x5a);
        return List.of(
                BadFile.fatal(
                        "Parquet that is cut off",
                        texts().file("a.parquet", Arrays.copyOf(parquet, parquet.length / 2)),
                        IssueCode.DAMAGED_PARQUET,
                        null,
                        null),
                BadFile.fatal(
                        "Parquet with a damaged page",
                        texts().file("a.parquet", damaged),
                        IssueCode.DAMAGED_PARQUET,
                        null,
                        null),
                BadFile.fatal(
                        "text named Parquet",
                        texts().file("a.parquet", csv("text,label", goodLines())),
                        IssueCode.DAMAGED_PARQUET,
                        null,
                        null),
                BadFile.fatal(
                        "Parquet without rows",
                        texts().file("a.parquet", parquet("SELECT 'a' AS text, 'b' AS label WHERE false")),
                        IssueCode.NO_ROWS,
                        null,
                        null),
                BadFile.leaves(
                        1,
                        "Parquet with a row without a label",
                        texts().file("a.parquet", parquet("""
                                                SELECT 'sentence ' || i AS text, CASE WHEN i = 7 THEN NULL ELSE i % 2 END AS label
                                                FROM range(30) t(i)""")),
                        IssueCode.MISSING_LABEL,
                        8,
                        "label"),
                BadFile.fatal(
                        "Parquet with lists for texts",
                        texts().file(
                                        "a.parquet",
                                        parquet("SELECT ['a', 'b'] AS text, i % 2 AS label FROM range(30) t(i)")),
                        IssueCode.NESTED_VALUE,
                        1,
                        "text"));
    }

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static byte[] joined(byte[]... pieces) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            out.writeBytes(piece);
        }
        return out.toByteArray();
    }

    private static byte[] cut(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length - 1);
    }

    private static List<String> with(List<String> lines, int index, String line) {
        List<String> changed = new ArrayList<>(lines);
        if (index == lines.size()) {
            changed.add(line);
        } else {
            changed.set(index, line);
        }
        return changed;
    }

    private static List<String> doubled(List<String> lines, int... indices) {
        List<String> changed = new ArrayList<>(lines);
        for (int index : indices) {
            changed.add(lines.get(index));
        }
        return changed;
    }

    private static List<String> widened(List<String> lines, String cell) {
        return lines.stream().map(line -> line + "," + cell).toList();
    }

    private static List<String> onlyOf(List<String> lines, String label) {
        return lines.stream().filter(line -> line.endsWith("," + label)).toList();
    }

    private static String swappedLabel(String line) {
        return line.endsWith(",praise")
                ? line.replaceAll(",praise$", ",complaint")
                : line.replaceAll(",complaint$", ",praise");
    }

    private static String swapped(String line) {
        int comma = line.lastIndexOf(',');
        return line.substring(comma + 1) + ","
                + line.substring(0, comma).replace("\"", "").replace(",", "");
    }
}
