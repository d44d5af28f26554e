package io.espalier.controlplane.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.process.Settings;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UploadLimitTest {
    private final UploadLimit limit = UploadLimit.of(new Settings(Map.of(UploadLimit.SETTING, "10B")));

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

    @Test
    void isFiveGigabytesWhereNothingIsSaid() {
        assertThat(UploadLimit.of(new Settings(Map.of())).size().toGigabytes()).isEqualTo(5);
    }

    @Test
    void sendsPresignedUploadsThroughThePublicOrigin() {
        var presigned = URI.create("http://127.0.0.1:9000/espalier/tenants/a/b%20c?X-Amz-Signature=1f&X-Amz-Date=2");

        assertThat(Uploads.throughGateway(presigned, URI.create("https://ml.example.com/")))
                .hasToString("https://ml.example.com/objects/espalier/tenants/a/b%20c?X-Amz-Signature=1f&X-Amz-Date=2");
    }
}
