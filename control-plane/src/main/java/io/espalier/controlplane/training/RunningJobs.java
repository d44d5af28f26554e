package io.espalier.controlplane.training;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.catalog.BaseModels;
import io.espalier.controlplane.catalog.ProductDeleted;
import io.espalier.controlplane.dataset.DatasetVersionsDeleted;
import io.espalier.controlplane.platform.ObjectDeletions;
import java.util.List;
import java.util.UUID;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Refuses to lose what a running job stands on, and lets the rest go with it. */
@Component
class RunningJobs {
    private final TrainingJobRepository jobs;
    private final ModelVersionRepository modelVersions;
    private final BaseModels baseModels;
    private final ObjectDeletions deletions;

    RunningJobs(
            TrainingJobRepository jobs,
            ModelVersionRepository modelVersions,
            BaseModels baseModels,
            ObjectDeletions deletions) {
        this.jobs = jobs;
        this.modelVersions = modelVersions;
        this.baseModels = baseModels;
        this.deletions = deletions;
    }

    @EventListener
    void on(DatasetVersionsDeleted deleted) {
        if (!deleted.versions().isEmpty()
                && jobs.existsByTenantIdAndDatasetVersionIdInAndStateNotIn(
                        deleted.tenant(), deleted.versions(), TrainingJobs.FINAL)) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "A training job runs on this data; cancel it or wait for its end.");
        }
    }

    /** The rows of jobs and model versions go with the product's; their objects are ours to delete. */
    @EventListener
    void on(ProductDeleted deleted) {
        if (jobs.existsByTenantIdAndProductIdAndStateNotIn(deleted.tenant(), deleted.product(), TrainingJobs.FINAL)) {
            throw new ProblemException(
                    ProblemType.CONFLICT, "A training job of this product runs; cancel it or wait for its end.");
        }
        List<UUID> versions = modelVersions.lockAll(deleted.tenant(), deleted.product());
        baseModels.madeOf(deleted.tenant(), versions).ifPresent(name -> {
            throw new ProblemException(
                    ProblemType.CONFLICT,
                    "A version of this product is the base model %s; delete that first.".formatted(name));
        });
        jobs.findByTenantIdAndProductId(deleted.tenant(), deleted.product())
                .forEach(job -> deletions.prefix(deleted.tenant(), ObjectKeys.job(job.ref())));
    }
}
