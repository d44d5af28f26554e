package io.espalier.controlplane.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.problem.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class UploadLimitTest {
    private final UploadLimit limit = new UploadLimit(10, "up to %d bytes");

    @Test
    void countsWhatPasses() throws IOException {
        var content = limit.limit(new ByteArrayInputStream(new byte[10]));

        content.read();
        content.readAllBytes();

        assertThat(content.bytes()).isEqualTo(10);
    }

    @Test
    void stopsReadingBehindTheLimit() {
        var content = limit.limit(new ByteArrayInputStream(new byte[1000]));

        assertThatThrownBy(() -> {
                    while (content.read() >= 0) {}
                })
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("up to 10 bytes");
        assertThat(content.bytes()).isEqualTo(11);
    }
}
