package io.espalier.contracts.job;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Inspects a dataset version and records the outcome. */
@WorkflowInterface
public interface DatasetInspectionWorkflow {
    @WorkflowMethod
    void run(InspectionSpec spec);
}
