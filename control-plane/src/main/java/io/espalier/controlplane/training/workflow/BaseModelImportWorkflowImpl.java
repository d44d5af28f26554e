package io.espalier.controlplane.training.workflow;

import io.espalier.contracts.job.BaseModelImportWorkflow;
import io.espalier.contracts.job.DataActivities;
import io.espalier.contracts.job.ImportOutcome;
import io.espalier.contracts.job.ImportSpec;
import io.espalier.contracts.job.RecordActivities;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;

/** Imports a base model and records what came of it. A cancelled import records nothing: the base model is gone. */
public final class BaseModelImportWorkflowImpl implements BaseModelImportWorkflow {
    private final RecordActivities records =
            Workflow.newActivityStub(RecordActivities.class, ActivityPolicies.record());
    private final DataActivities data = Workflow.newActivityStub(DataActivities.class, ActivityPolicies.imports());

    @Override
    public void run(ImportSpec spec) {
        ImportOutcome outcome;
        try {
            outcome = data.importBaseModel(spec);
        } catch (TemporalFailure failure) {
            if (failure instanceof CanceledFailure || failure.getCause() instanceof CanceledFailure) {
                throw failure;
            }
            records.imported(spec, null, FailureReason.of(failure, "importing the base model"));
            return;
        }
        records.imported(spec, outcome, null);
    }
}
