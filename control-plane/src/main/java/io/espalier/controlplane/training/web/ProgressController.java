package io.espalier.controlplane.training.web;

import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.training.TrainingJobs;
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
class ProgressController {
    private final TrainingJobs jobs;

    ProgressController(TrainingJobs jobs) {
        this.jobs = jobs;
    }

    @PostMapping("/internal/jobs/{tenant}/{job}/progress")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void report(@PathVariable UUID tenant, @PathVariable UUID job, @RequestBody ProgressReport report) {
        TenantContext.run(tenant, () -> jobs.progressed(new JobRef(tenant, job), report));
    }
}
