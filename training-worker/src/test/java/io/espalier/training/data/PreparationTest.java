package io.espalier.training.data;

import static io.espalier.training.data.DatasetFixture.csv;
import static io.espalier.training.data.DatasetFixture.goodLines;
import static io.espalier.training.data.DatasetFixture.issue;
import static io.espalier.training.data.DatasetFixture.table;
import static io.espalier.training.data.DatasetFixture.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.DatasetReport.Issue;
import io.espalier.contracts.dataset.DatasetReport.Place;
import io.espalier.contracts.dataset.Split;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparationTest {
    @TempDir
    static Path work;

    private static List<String> many() {
        return IntStream.range(0, 300)
                .mapToObj(i -> "a sentence about " + i + "," + (i % 10 == 0 ? "rare" : i % 2 == 0 ? "even" : "odd"))
                .toList();
    }

    @Test
    void splitsAreStratified() {
        Map<Split, List<String>> splits =
                texts().file("a.csv", csv("text,label", many())).prepare(work);

        assertThat(splits.get(Split.TRAIN)).hasSize(240);
        assertThat(splits.get(Split.VALIDATION)).hasSize(30);
        assertThat(splits.get(Split.TEST))
                .hasSize(30)
                .filteredOn(line -> line.endsWith("\"label\":\"rare\"}"))
                .hasSize(3);
    }

    @Test
    void theSameRowsInAnotherOrderAndInSeveralFilesGiveTheSameBytes() {
        List<String> shuffled = new ArrayList<>(many());
        Collections.shuffle(shuffled, new Random(7));

        Map<Split, List<String>> one =
                texts().file("a.csv", csv("text,label", many())).prepare(work);
        Map<Split, List<String>> other = texts().file("x.csv", csv("text,label", shuffled.subList(0, 100)))
                .file("y.csv", csv("text,label", shuffled.subList(100, 300)))
                .prepare(work);

        assertThat(other).isEqualTo(one);
    }

    @Test
    void leavesOutWhatTheReportSays() {
        List<String> lines = new ArrayList<>(goodLines());
        lines.add(lines.get(0));
        lines.add(",praise");
        lines.add("no label,");
        lines.add("once,solitary");
        DatasetFixture dataset = texts().file("a.csv", csv("text,label", lines));

        DatasetReport report = dataset.inspect(work);
        Map<Split, List<String>> splits = dataset.mapping(report.mapping()).prepare(work);

        assertThat(report.rowsUsed()).isEqualTo(40);
        assertThat(report.rows()).isEqualTo(44);
        report.rowsBySplit()
                .forEach((split, rows) -> assertThat(splits.get(split)).hasSize(rows.intValue()));
        assertThat(splits.values().stream().flatMap(List::stream))
                .hasSize(40)
                .allMatch(line -> line.startsWith("{\"input\":\"My "));
    }

    @Test
    void theTestSplitOfTheUserIsKeptAsItIs() {
        List<String> test = List.of("who is it,praise", "who is it,praise", "what now,complaint", "what now,praise");

        Map<Split, List<String>> splits = texts().file("train.csv", Split.TRAIN, csv("text,label", goodLines()))
                .file("test.csv", Split.TEST, csv("text,label", test))
                .prepare(work);

        assertThat(splits.get(Split.TEST))
                .containsExactlyInAnyOrder(
                        "{\"input\":\"who is it\",\"label\":\"praise\"}",
                        "{\"input\":\"who is it\",\"label\":\"praise\"}",
                        "{\"input\":\"what now\",\"label\":\"complaint\"}",
                        "{\"input\":\"what now\",\"label\":\"praise\"}");
        assertThat(splits.get(Split.TRAIN)).hasSize(36);
        assertThat(splits.get(Split.VALIDATION)).hasSize(4);
    }

    @Test
    void validationIsTakenFromTrainingWhereTheGivenOneIsAllTest() {
        String held = csv("text,label", List.of("who is it,praise", "what now,complaint"));

        DatasetReport report = texts().file("train.csv", Split.TRAIN, csv("text,label", goodLines()))
                .file("validation.csv", Split.VALIDATION, held)
                .file("test.csv", Split.TEST, held)
                .inspect(work);

        assertThat(report.rowsBySplit()).isEqualTo(Map.of(Split.TRAIN, 36L, Split.VALIDATION, 4L, Split.TEST, 2L));
        assertThat(report.trainable()).isTrue();
    }

    @Test
    void equalRowsOfATableLandOnTheSameSide() {
        List<String> rows = IntStream.range(0, 200)
                .mapToObj(i -> i % 50 + ",k" + i % 5 + "," + (i % 2 == 0 ? "yes" : "no"))
                .toList();

        Map<Split, List<String>> splits =
                table().file("a.csv", csv("age,kind,label", rows)).prepare(work);

        assertThat(splits.values().stream().mapToInt(List::size).sum()).isEqualTo(200);
        assertThat(splits.get(Split.TRAIN))
                .doesNotContainAnyElementsOf(splits.get(Split.TEST))
                .doesNotContainAnyElementsOf(splits.get(Split.VALIDATION));
        assertThat(splits.get(Split.TEST)).isNotEmpty();
    }

    @Test
    void numericLabelsAreOrderedByValue() {
        List<String> lines = IntStream.range(0, 110)
                .mapToObj(i -> "sentence " + i + "," + i % 11)
                .toList();

        DatasetReport report = texts().file("a.csv", csv("text,label", lines)).inspect(work);

        assertThat(report.profile().classes().keySet())
                .containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10");
    }

    @Test
    void whatIsNoNumberInAColumnOfNumbersIsMissing() {
        List<String> rows = new ArrayList<>(IntStream.range(0, 60)
                .mapToObj(i -> i + "," + (i % 2 == 0 ? "yes" : "no"))
                .toList());
        rows.set(8, "eight,yes");
        rows.set(9, "-,no");

        Map<Split, List<String>> splits =
                table().file("a.csv", csv("age,label", rows)).prepare(work);

        assertThat(splits.values().stream().flatMap(List::stream))
                .contains("{\"input\":{\"age\":null},\"label\":\"yes\"}", "{\"input\":{\"age\":7},\"label\":\"no\"}")
                .noneMatch(line -> line.contains("eight"));
    }

    @Test
    void everyColumnWithWordsAmongNumbersIsNamed() {
        List<String> rows = new ArrayList<>(IntStream.range(0, 200)
                .mapToObj(i -> i + "," + i + "," + (i % 2 == 0 ? "yes" : "no"))
                .toList());
        for (int i = 0; i < 8; i++) {
            rows.set(i, "old,30,yes");
        }
        rows.set(100, "30,tall,yes");

        DatasetReport report =
                table().file("a.csv", csv("age,height,label", rows)).inspect(work);

        Issue issue = issue(report, "not-a-number").orElseThrow();
        assertThat(issue.count()).isEqualTo(9);
        assertThat(issue.examples())
                .hasSize(IssueLog.EXAMPLES + 1)
                .contains(new Place("a.csv", 102L, "height", "tall"));
    }

    @Test
    void aColumnWithWordsInTheTestAloneIsTextInEverySplit() {
        List<String> rows = IntStream.range(0, 60)
                .mapToObj(i -> i + "," + (i % 2 == 0 ? "yes" : "no"))
                .toList();

        Map<Split, List<String>> splits = table().file("train.csv", Split.TRAIN, csv("age,label", rows))
                .file("test.csv", Split.TEST, csv("age,label", Collections.nCopies(10, "old,yes")))
                .prepare(work);

        assertThat(splits.get(Split.TRAIN))
                .hasSize(54)
                .allMatch(line -> line.matches("\\{\"input\":\\{\"age\":\"\\d+\"}.*"));
        assertThat(splits.get(Split.TEST)).containsOnly("{\"input\":{\"age\":\"old\"},\"label\":\"yes\"}");
    }

    @Test
    void numbersAreWrittenAsJsonHasThem() {
        List<String> written = List.of("007", "+5", ".5", "5.", "-1e3", "12.50", "1e300");

        Map<Split, List<String>> splits = table().file(
                        "a.csv",
                        csv(
                                "amount,label",
                                IntStream.range(0, 70)
                                        .mapToObj(i -> written.get(i % 7) + "," + (i % 2 == 0 ? "yes" : "no"))
                                        .toList()))
                .prepare(work);

        assertThat(splits.values().stream().flatMap(List::stream))
                .extracting(line -> line.replaceAll(".*\"amount\":(.*?)}.*", "$1"))
                .containsOnly("7", "5", "0.5", "-1000", "12.5", "1.0E300");
    }
}
