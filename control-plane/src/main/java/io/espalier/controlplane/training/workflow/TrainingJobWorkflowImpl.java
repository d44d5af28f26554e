package io.espalier.controlplane.training.workflow;

import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.RecordActivities;
import io.espalier.contracts.job.TrainingActivities;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.job.TrainingJobWorkflow;
import io.espalier.contracts.job.TrainingOutcome;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/**
 * The saga of a training job: validate and split, train, export, gate, evaluate, register. Whatever ends it early, it is
 * recorded as failed or cancelled and what only the running job needed is deleted.
 *
 * <p>A run may be a second one for the same job, where Temporal lost the first. It repeats every step: the activities are
 * idempotent, training goes on from its newest checkpoint, and registering gives the model version that was made before.
 */
public final class TrainingJobWorkflowImpl implements TrainingJobWorkflow {
    private static final Logger log = Workflow.getLogger(TrainingJobWorkflowImpl.class);

    private final RecordActivities records =
            Workflow.newActivityStub(RecordActivities.class, ActivityPolicies.record());
    private final DataActivities data = Workflow.newActivityStub(DataActivities.class, ActivityPolicies.data());

    private String step = "starting";
    private @Nullable TrainingJobSpec begun;

    @Override
    public void run(JobRef job) {
        try {
            train(job);
        } catch (TemporalFailure failure) {
            // Asked of the scope and not of the failure: a cancelled activity may say instead that it timed out.
            boolean cancelled = CancellationScope.current().isCancelRequested();
            Workflow.newDetachedCancellationScope(() -> compensate(job, failure, cancelled))
                    .run();
        }
    }

    private void train(JobRef job) {
        TrainingJobSpec spec = records.begin(job);
        begun = spec;
        step = "preparing the data";
        records.enter(job, JobState.PREPARING);
        var prepared = data.prepare(spec);
        step = "training";
        records.enter(job, JobState.QUEUED);
        var trained = Workflow.newActivityStub(TrainingActivities.class, ActivityPolicies.training(spec.accelerator()))
                .train(spec, prepared);
        step = "exporting the model";
        records.enter(job, JobState.EXPORTING);
        var exported = data.export(spec, prepared, trained);
        var gate = data.gate(spec, prepared, exported);
        step = "evaluating the model";
        records.enter(job, JobState.EVALUATING);
        var evaluation = data.evaluate(spec, prepared, gate);
        step = "registering the model version";
        records.enter(job, JobState.REGISTERING);
        records.register(job, new TrainingOutcome(prepared, trained, gate, evaluation));
        // The job has succeeded: neither a cancellation nor a failure of the cleaning may change that any more.
        Workflow.newDetachedCancellationScope(() -> discard(spec)).run();
    }

    /** First the user is told; the cleaning may have to wait for a worker. */
    private void compensate(JobRef job, TemporalFailure failure, boolean cancelled) {
        if (cancelled) {
            records.end(job, JobState.CANCELLED, "Cancelled while " + step + ".");
        } else {
            records.end(job, JobState.FAILED, FailureReason.of(failure, step));
        }
        if (begun != null) {
            discard(begun);
        }
    }

    private void discard(TrainingJobSpec spec) {
        try {
            data.discard(spec);
        } catch (TemporalFailure failure) {
            log.warn("The scratch of job {} was not deleted", spec.ref().job(), failure);
        }
    }
}
