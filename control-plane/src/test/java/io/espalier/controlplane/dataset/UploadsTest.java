package io.espalier.controlplane.dataset;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.contracts.process.Settings;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class UploadsTest {
    @Test
    void takeFiveGigabytesWhereNothingIsSaid() {
        assertThat(Uploads.limit(new Settings(Map.of())).bytes())
                .isEqualTo(DataSize.ofGigabytes(5).toBytes());
        assertThat(Uploads.limit(new Settings(Map.of(Uploads.LIMIT, "10B"))).bytes())
                .isEqualTo(10);
    }

    @Test
    void goThroughThePublicOriginWhereTheyArePresigned() {
        var presigned = URI.create("http://127.0.0.1:9000/espalier/tenants/a/b%20c?X-Amz-Signature=1f&X-Amz-Date=2");

        assertThat(Uploads.throughGateway(presigned, URI.create("https://ml.example.com/")))
                .hasToString("https://ml.example.com/objects/espalier/tenants/a/b%20c?X-Amz-Signature=1f&X-Amz-Date=2");
    }
}
