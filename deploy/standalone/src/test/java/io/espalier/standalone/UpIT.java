package io.espalier.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code deploy/up} and what it sources, as far as they come without a build. */
class UpIT {
    private static final Path HOME = Path.of("").toAbsolutePath().getParent().getParent();

    @TempDir
    private Path empty;

    private record Ended(int status, String output) {}

    @Test
    void refusesAnUnknownArgumentBeforeTheBuild() throws Exception {
        for (String argument : List.of("--nonsense", "-x", "demo", "--.*")) {
            Ended up = bash("deploy/up", "--data", "table.csv", argument);

            assertThat(up.status()).isEqualTo(2);
            assertThat(up.output())
                    .startsWith("Unknown option " + argument + ".")
                    .contains("--data FILE");
        }
    }

    @Test
    void explainsItselfInShortToo() throws Exception {
        assertThat(bash("deploy/up", "-h")).isEqualTo(new Ended(0, Options.usage()));
    }

    @Test
    void saysThatThereIsNoJdk() throws Exception {
        // The folders that it looks at besides are those of this machine; they hold what built this test.
        String script = ". deploy/find-java; is_java_wanted() { return 1; }; find_java";

        Ended findJava = bash("-c", script);

        assertThat(findJava)
                .isEqualTo(new Ended(1, "No JDK 25 or newer was found; install one or set JAVA_HOME to it.\n"));
    }

    @Test
    void takesNoFolderWithoutACompilerForAJdk() throws Exception {
        Files.writeString(empty.resolve("release"), "JAVA_VERSION=\"25.0.1\"\n");

        assertThat(bash("-c", ". deploy/find-java; is_java_wanted '" + empty + "'")
                        .status())
                .isEqualTo(1);
    }

    private static Ended bash(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("bash"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(HOME.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ended(process.waitFor(), output);
    }
}
