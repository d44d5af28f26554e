package io.espalier.contracts.job;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Draws a preview for somebody who waits for it: what is not drawn within a minute fails. */
@WorkflowInterface
public interface AugmentationPreviewWorkflow {
    @WorkflowMethod
    void run(AugmentationPreviewSpec spec);
}
