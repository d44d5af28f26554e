package io.espalier.contracts.job;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Runs a training job to its end and records it. Cancelling the workflow cancels the job. */
@WorkflowInterface
public interface TrainingJobWorkflow {
    @WorkflowMethod
    void run(JobRef job);
}
