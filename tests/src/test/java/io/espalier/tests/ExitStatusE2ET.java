package io.espalier.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts go by: the status of {@code deploy/up --exit}. */
class ExitStatusE2ET {
    @TempDir
    private Path folder;

    @Test
    void isNotZeroWhereTheDemoFails() throws Exception {
        Path data = Files.writeString(folder.resolve("one-row.csv"), "text,label\nhello,a\n");

        try (Installation installation = Installation.start(
                "failing-demo", "--exit", "--data", data.toString(), "--text", "text", "--label", "label")) {
            assertThat(installation.launcher().waitFor(3, TimeUnit.MINUTES)).isTrue();

            assertThat(installation.launcher().exitValue()).isEqualTo(1);
            assertThat(installation.output()).contains("The demo failed: the data cannot be trained on");
        }
    }
}
