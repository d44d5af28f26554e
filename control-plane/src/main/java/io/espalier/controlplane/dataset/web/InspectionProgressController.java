package io.espalier.controlplane.dataset.web;

import io.espalier.contracts.job.InspectionProgress;
import io.espalier.controlplane.dataset.DatasetVersions;
import io.espalier.controlplane.platform.TenantContext;
import io.swagger.v3.oas.annotations.Hidden;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Where training workers report to, with the service credential; never routed from outside. */
@Hidden
@RestController
class InspectionProgressController {
    private final DatasetVersions versions;

    InspectionProgressController(DatasetVersions versions) {
        this.versions = versions;
    }

    @PostMapping("/internal/dataset-versions/{tenant}/{version}/progress")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void report(@PathVariable UUID tenant, @PathVariable UUID version, @RequestBody InspectionProgress progress) {
        TenantContext.run(tenant, () -> versions.progressed(tenant, version, progress));
    }
}
