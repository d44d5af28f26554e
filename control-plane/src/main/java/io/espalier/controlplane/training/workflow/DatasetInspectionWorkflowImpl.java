package io.espalier.controlplane.training.workflow;

import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.DatasetInspectionWorkflow;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.job.RecordActivities;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;

/**
 * Inspects a dataset version and records what came of it. A cancelled inspection records nothing: the version is gone or
 * is being inspected again with another mapping.
 */
public final class DatasetInspectionWorkflowImpl implements DatasetInspectionWorkflow {
    private final RecordActivities records =
            Workflow.newActivityStub(RecordActivities.class, ActivityPolicies.record());
    private final DataActivities data = Workflow.newActivityStub(DataActivities.class, ActivityPolicies.data());

    @Override
    public void run(InspectionSpec spec) {
        InspectionOutcome outcome;
        try {
            outcome = data.inspect(spec);
        } catch (TemporalFailure failure) {
            if (failure instanceof CanceledFailure || failure.getCause() instanceof CanceledFailure) {
                throw failure;
            }
            records.inspected(spec, null, FailureReason.of(failure, "inspecting the data"));
            return;
        }
        records.inspected(spec, outcome, null);
    }
}
