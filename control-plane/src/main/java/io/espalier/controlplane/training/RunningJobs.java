package io.espalier.controlplane.training;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.catalog.ProductDeleted;
import io.espalier.controlplane.dataset.DatasetVersionsDeleted;
import io.espalier.controlplane.platform.ObjectDeletions;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Refuses to lose what a running job stands on, and lets the rest go with it. */
@Component
class RunningJobs {
    private final TrainingJobRepository jobs;
    private final ObjectDeletions deletions;

    RunningJobs(TrainingJobRepository jobs, ObjectDeletions deletions) {
        this.jobs = jobs;
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
        jobs.findByTenantIdAndProductId(deleted.tenant(), deleted.product())
                .forEach(job -> deletions.prefix(deleted.tenant(), ObjectKeys.job(job.ref())));
    }
}
