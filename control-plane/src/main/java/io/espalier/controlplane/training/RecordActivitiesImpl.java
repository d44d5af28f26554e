package io.espalier.controlplane.training;

import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.job.ImportOutcome;
import io.espalier.contracts.job.ImportSpec;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.RecordActivities;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.job.TrainingOutcome;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.controlplane.catalog.BaseModelImports;
import io.espalier.controlplane.dataset.DatasetVersions;
import io.espalier.controlplane.platform.TenantContext;
import io.temporal.failure.ApplicationFailure;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The thin side of {@link RecordActivities}: works for the tenant that our own workflow names, and tells Temporal what no
 * retry can mend.
 */
@Component
class RecordActivitiesImpl implements RecordActivities {
    private final TrainingJobs jobs;
    private final DatasetVersions datasetVersions;
    private final BaseModelImports imports;

    RecordActivitiesImpl(TrainingJobs jobs, DatasetVersions datasetVersions, BaseModelImports imports) {
        this.jobs = jobs;
        this.datasetVersions = datasetVersions;
        this.imports = imports;
    }

    @Override
    public TrainingJobSpec begin(JobRef job) {
        return as(job.tenant(), () -> jobs.begin(job));
    }

    @Override
    public void enter(JobRef job, JobState state) {
        as(job.tenant(), () -> {
            jobs.enter(job, state);
            return true;
        });
    }

    @Override
    public UUID register(JobRef job, TrainingOutcome outcome) {
        return as(job.tenant(), () -> jobs.register(job, outcome));
    }

    @Override
    public void end(JobRef job, JobState state, String reason) {
        as(job.tenant(), () -> {
            jobs.end(job, state, reason);
            return true;
        });
    }

    @Override
    public void inspected(InspectionSpec spec, @Nullable InspectionOutcome outcome, @Nullable String failure) {
        as(spec.version().tenant(), () -> {
            datasetVersions.inspected(spec, outcome, failure);
            return true;
        });
    }

    @Override
    public void imported(ImportSpec spec, @Nullable ImportOutcome outcome, @Nullable String failure) {
        as(spec.model().tenant(), () -> {
            imports.imported(spec, outcome, failure);
            return true;
        });
    }

    private static <T> T as(UUID tenant, Supplier<T> work) {
        try {
            return TenantContext.call(tenant, work);
        } catch (ProblemException e) {
            throw ApplicationFailure.newNonRetryableFailureWithCause(
                    e.getMessage(), FailureTypes.INVALID_CONFIGURATION, e);
        }
    }
}
