package io.espalier.controlplane.training.workflow;

import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.contracts.job.AugmentationPreviewWorkflow;
import io.espalier.contracts.job.DataActivities;
import io.temporal.workflow.Workflow;

/** Draws a preview; records nothing, for the sheet itself is all that comes of it. */
public final class AugmentationPreviewWorkflowImpl implements AugmentationPreviewWorkflow {
    private final DataActivities data = Workflow.newActivityStub(DataActivities.class, ActivityPolicies.preview());

    @Override
    public void run(AugmentationPreviewSpec spec) {
        data.previewAugmentation(spec);
    }
}
