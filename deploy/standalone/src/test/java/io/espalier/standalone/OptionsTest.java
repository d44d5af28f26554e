package io.espalier.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.standalone.demo.DemoData;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class OptionsTest {
    private static final Path HOME = Path.of("/checkout");

    private static Options parse(String... arguments) {
        return Options.parse(List.of(arguments), HOME);
    }

    @Test
    void startsWithoutTheDemoByDefault() {
        Options options = parse();

        assertThat(options.demos()).isEmpty();
        assertThat(options.port()).isEqualTo(8080);
        assertThat(options.dataDirectory()).isEqualTo(HOME.resolve(".espalier"));
        assertThat(options.exit()).isFalse();
    }

    @Test
    void takesTheShippedFileWhereTheDemoNamesNone() {
        Options options = parse("--demo");

        assertThat(options.demos())
                .containsExactly(new DemoData(List.of(), null, null, null, "text-classification", null, Map.of()));
    }

    @Test
    void readsATextWhereTheTextColumnIsNamedAndATableElsewhere() {
        assertThat(parse("--data", "pom.xml", "--text", "review", "--label", "y")
                        .demos())
                .singleElement()
                .extracting(DemoData::task)
                .isEqualTo("text-classification");
        assertThat(parse("--data", "pom.xml", "--label", "income").demos())
                .singleElement()
                .extracting(DemoData::task)
                .isEqualTo("tabular-classification");
    }

    @Test
    void takesSeveralFilesForOneDataset() {
        assertThat(parse("--data", "pom.xml", "--data", "pom.xml", "--task", "recommendation")
                        .demos())
                .singleElement()
                .extracting(DemoData::files)
                .asInstanceOf(InstanceOfAssertFactories.LIST)
                .hasSize(2);
    }

    @Test
    void makesAProductOfEveryTask() {
        assertThat(parse("--demo", "--task", "all").demos())
                .extracting(DemoData::task)
                .containsExactly(
                        "text-classification", "tabular-classification", "image-classification", "recommendation");
        assertThatThrownBy(() -> parse("--demo", "--task", "all", "--set", "epochs=3"))
                .hasMessageContaining("--task all takes the files that ship");
    }

    @Test
    void passesHyperparametersAsNumbersAndListsWhereTheyAreSome() {
        Options options = parse(
                "--demo",
                "--set",
                "epochs=3",
                "--set",
                "learningRate=1e-4",
                "--set",
                "precision=fp32",
                "--set",
                "types=view,cart");

        assertThat(options.demos())
                .singleElement()
                .extracting(DemoData::hyperparameters)
                .isEqualTo(Map.of(
                        "epochs", 3L, "learningRate", 1e-4, "precision", "fp32", "types", List.of("view", "cart")));
    }

    @Test
    void saysInOneSentenceWhatIsWrong() {
        assertThatThrownBy(() -> parse("--nonsense")).hasMessageStartingWith("Unknown option --nonsense.");
        assertThatThrownBy(() -> parse("--port", "http"))
                .hasMessage("--port must be a number from 1 to 65535, not http.");
        assertThatThrownBy(() -> parse("--report", "/dev/null/report.json"))
                .hasMessage("--report cannot be written to /dev/null/report.json.");
        assertThatThrownBy(() -> parse("--data")).hasMessageStartingWith("--data needs a value.");
        assertThatThrownBy(() -> parse("--data", "no-such.csv", "--label", "y"))
                .hasMessage("There is no readable file no-such.csv.");
        assertThatThrownBy(() -> parse("--data", "pom.xml")).hasMessageStartingWith("--data needs --label COLUMN");
        assertThatThrownBy(() -> parse("--data", "pom.xml", "--label", "y", "--task", "chess"))
                .hasMessageStartingWith("There is no task chess; known are text-classification");
        assertThatThrownBy(() -> parse("--demo", "--set", "epochs")).hasMessageContaining("--set epochs=3, not epochs");
        assertThatThrownBy(() -> parse("--set", "epochs=3")).hasMessageContaining("belong to --demo");
        assertThatThrownBy(() -> parse("--text", "review")).hasMessageContaining("belong to --data FILE");
    }

    @Test
    void understandsEveryOptionOfItsUsage() {
        List<String> named = Arrays.stream(Options.usage().split("\n"))
                .filter(line -> line.startsWith("  --"))
                .map(line -> line.strip().split(" ")[0])
                .filter(option -> !option.equals("--help"))
                .toList();

        assertThat(named)
                .hasSize(12)
                .allSatisfy(option -> assertThat(messageOf(option)).doesNotContain("Unknown"));
    }

    private static String messageOf(String option) {
        try {
            parse(option);
            return "";
        } catch (LaunchException e) {
            return e.getMessage();
        }
    }
}
