package io.espalier.controlplane.training.web;

import io.espalier.contracts.job.JobState;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.training.Estimate;
import io.espalier.controlplane.training.TrainingJobResponse;
import io.espalier.controlplane.training.TrainingJobs;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class TrainingJobController {
    private final TrainingJobs jobs;

    TrainingJobController(TrainingJobs jobs) {
        this.jobs = jobs;
    }

    /**
     * @param datasetVersion id of a version that is READY
     * @param hyperparameters see the task; what is absent follows the size of the data
     */
    record CreateTrainingJobRequest(
            @NotNull UUID datasetVersion, @Nullable Map<String, Object> hyperparameters) {
        TrainingJobs.Wish toWish() {
            return new TrainingJobs.Wish(datasetVersion, hyperparameters == null ? Map.of() : hyperparameters);
        }
    }

    @PostMapping("/api/products/{product}/training-jobs")
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<TrainingJobResponse> createTrainingJob(
            @PathVariable UUID product, @Valid @RequestBody CreateTrainingJobRequest request) {
        return created(jobs.create(TenantContext.required(), product, request.toWish()));
    }

    @PostMapping("/api/products/{product}/training-jobs/estimate")
    Estimate estimateTrainingJob(@PathVariable UUID product, @Valid @RequestBody CreateTrainingJobRequest request) {
        return jobs.estimate(TenantContext.required(), product, request.toWish());
    }

    @GetMapping("/api/training-jobs")
    Page<TrainingJobResponse> listTrainingJobs(
            @RequestParam(required = false) @Nullable UUID product,
            @RequestParam(required = false) @Nullable Set<JobState> state,
            PageRequest page) {
        return jobs.list(TenantContext.required(), product, state == null ? Set.of() : state, page);
    }

    @GetMapping("/api/training-jobs/{id}")
    TrainingJobResponse getTrainingJob(@PathVariable UUID id) {
        return jobs.get(TenantContext.required(), id);
    }

    @PostMapping("/api/training-jobs/{id}/cancel")
    @ResponseStatus(HttpStatus.ACCEPTED)
    TrainingJobResponse cancelTrainingJob(@PathVariable UUID id) {
        return jobs.cancel(TenantContext.required(), id);
    }

    @PostMapping("/api/training-jobs/{id}/retry")
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<TrainingJobResponse> retryTrainingJob(@PathVariable UUID id) {
        return created(jobs.retry(TenantContext.required(), id));
    }

    private static ResponseEntity<TrainingJobResponse> created(TrainingJobResponse job) {
        return ResponseEntity.created(URI.create("/api/training-jobs/" + job.id()))
                .body(job);
    }
}
