package io.espalier.contracts.job;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Makes a base model of weights that a tenant brings and records the outcome. */
@WorkflowInterface
public interface BaseModelImportWorkflow {
    @WorkflowMethod
    void run(ImportSpec spec);
}
