package io.espalier.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.espalier.standalone.supervisor.ProcessSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessPlanIT {
    @TempDir
    private Path folder;

    private List<ProcessSpec> plan;

    @BeforeEach
    void plan() throws Exception {
        for (String module :
                List.of("deploy/standalone", "control-plane", "gateway", "training-worker", "inference-worker")) {
            Path target = Files.createDirectories(folder.resolve(module).resolve("target"));
            Files.writeString(target.resolve("classpath"), "");
        }
        try (DataDirectory data = DataDirectory.open(folder.resolve("data"))) {
            plan = ProcessPlan.of(folder, data, new Ports(folder.resolve("ports")), 8080, Map.of());
        }
    }

    @Test
    void stopsTheGatewayBeforeWhatItsRequestsNeed() {
        // They are stopped in the reverse of this order.
        assertThat(plan.getLast().name()).isEqualTo(ProcessPlan.GATEWAY);
    }

    @Test
    void givesAnInferenceWorkerTheTimeToDrain() {
        Duration longestRequestAndMargin = Duration.ofSeconds(30 + 5);

        assertThat(plan)
                .filteredOn(spec -> spec.name().equals(ProcessPlan.INFERENCE_WORKER))
                .singleElement()
                .satisfies(spec -> assertThat(spec.stopLimit()).isGreaterThan(longestRequestAndMargin));
    }
}
