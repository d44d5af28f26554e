package io.espalier.training.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialIT {
    /** The specification is a pipe that nobody writes to, so the trial waits; a killed parent closes its ends of pipes. */
    @Test
    void endsByItselfWhenItsParentIsGone(@TempDir Path folder) throws Exception {
        Path pipe = folder.resolve("trial.json");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor())
                .isZero();
        Process trial = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Trial.class.getName(),
                        pipe.toString())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(trial.waitFor(2, TimeUnit.SECONDS)).isFalse();

            trial.getOutputStream().close();

            assertThat(trial.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(trial.exitValue()).isEqualTo(3);
        } finally {
            trial.destroyForcibly();
        }
    }
}
