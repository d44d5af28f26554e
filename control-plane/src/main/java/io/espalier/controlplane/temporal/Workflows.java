package io.espalier.controlplane.temporal;

import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.contracts.job.AugmentationPreviewWorkflow;
import io.espalier.contracts.job.BaseModelImportWorkflow;
import io.espalier.contracts.job.DatasetInspectionWorkflow;
import io.espalier.contracts.job.ImportSpec;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.TaskQueues;
import io.espalier.contracts.job.TrainingJobWorkflow;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowServiceException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Starts and cancels workflows. Nothing here throws because Temporal is away: PostgreSQL says what should run, and the
 * reconciler starts it again until it does. A call takes up to the minute that Temporal's client retries for, so it belongs
 * on a background thread, after the transaction.
 */
@Component
public class Workflows {
    private static final Logger log = LoggerFactory.getLogger(Workflows.class);

    private final WorkflowClient client;

    Workflows(WorkflowClient client) {
        this.client = client;
    }

    /** What became of a cancellation. */
    public enum Cancellation {
        REQUESTED,
        /** No such workflow runs: it ended, was never started, or the server forgot it. */
        NOT_RUNNING,
        /** Temporal cannot be reached. */
        UNKNOWN
    }

    /**
     * Starts the job's workflow unless it runs; a run that ended does not hinder another.
     *
     * @return whether it runs now; false where Temporal cannot be reached
     */
    public boolean startTraining(JobRef job) {
        return start(
                job.workflowId(),
                options -> WorkflowClient.start(client.newWorkflowStub(TrainingJobWorkflow.class, options)::run, job));
    }

    /** Starts the inspection of a version's revision, likewise. */
    public boolean startInspection(InspectionSpec spec, int revision) {
        return start(
                spec.version().inspectionWorkflowId(revision),
                options -> WorkflowClient.start(
                        client.newWorkflowStub(DatasetInspectionWorkflow.class, options)::run, spec));
    }

    /** Starts an attempt to import a base model, likewise. */
    public boolean startImport(ImportSpec spec) {
        return start(
                spec.workflowId(),
                options -> WorkflowClient.start(
                        client.newWorkflowStub(BaseModelImportWorkflow.class, options)::run, spec));
    }

    /** Starts the drawing of a preview, likewise. */
    public boolean startPreview(AugmentationPreviewSpec spec) {
        return start(
                spec.workflowId(),
                options -> WorkflowClient.start(
                        client.newWorkflowStub(AugmentationPreviewWorkflow.class, options)::run, spec));
    }

    /** How a workflow ended that somebody waited for. */
    public sealed interface Ending {
        record Completed() implements Ending {}

        record Failed(WorkflowFailedException failure) implements Ending {}

        /** It had not ended when the time was over, or Temporal did not say. */
        record Unknown() implements Ending {}
    }

    /** Waits on the caller's thread until a workflow that was started ends. */
    public Ending await(String workflowId, Duration limit) {
        try {
            client.newUntypedWorkflowStub(workflowId).getResult(limit.toMillis(), TimeUnit.MILLISECONDS, Void.class);
            return new Ending.Completed();
        } catch (WorkflowFailedException e) {
            return new Ending.Failed(e);
        } catch (TimeoutException | WorkflowServiceException | StatusRuntimeException e) {
            log.warn("Workflow {} has not ended within {}: {}", workflowId, limit, e.toString());
            return new Ending.Unknown();
        }
    }

    /** Asks a workflow to end; it cleans up behind itself in its own time. */
    public Cancellation cancel(String workflowId) {
        try {
            client.newUntypedWorkflowStub(workflowId).cancel();
            return Cancellation.REQUESTED;
        } catch (WorkflowNotFoundException e) {
            return Cancellation.NOT_RUNNING;
        } catch (WorkflowServiceException | StatusRuntimeException e) {
            log.warn("Workflow {} could not be cancelled now: {}", workflowId, e.toString());
            return Cancellation.UNKNOWN;
        }
    }

    /** Ends a workflow that does not end when it is asked to; nothing is cleaned up. @return false where Temporal is away */
    public boolean terminate(String workflowId, String reason) {
        try {
            client.newUntypedWorkflowStub(workflowId).terminate(reason);
        } catch (WorkflowNotFoundException e) {
            log.debug("Workflow {} has ended by itself", workflowId);
        } catch (WorkflowServiceException | StatusRuntimeException e) {
            log.warn("Workflow {} could not be terminated now: {}", workflowId, e.toString());
            return false;
        }
        return true;
    }

    private interface Start {
        void with(WorkflowOptions options);
    }

    private static boolean start(String workflowId, Start start) {
        try {
            start.with(WorkflowOptions.newBuilder()
                    .setWorkflowId(workflowId)
                    .setTaskQueue(TaskQueues.CONTROL_PLANE)
                    .setWorkflowIdReusePolicy(WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                    .build());
            log.info("Started workflow {}", workflowId);
            return true;
        } catch (WorkflowExecutionAlreadyStarted e) {
            log.debug("Workflow {} runs already", workflowId);
            return true;
        } catch (WorkflowServiceException | StatusRuntimeException e) {
            log.warn("Workflow {} could not be started now: {}", workflowId, e.toString());
            return false;
        }
    }
}
