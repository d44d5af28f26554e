package io.espalier.controlplane.training;

import io.espalier.controlplane.platform.TenantContext;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.controlplane.temporal.Workflows;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/**
 * Keeps the workflows in step with the database: at once after a commit, and again every ten seconds for whatever was lost,
 * be it a message that Temporal was not there for or, with the embedded server, everything that it knew.
 */
@Component
class TrainingWorkflows {
    private final Workflows workflows;
    private final TrainingJobs jobs;
    private final JdbcClient directory;

    TrainingWorkflows(Workflows workflows, TrainingJobs jobs, @Qualifier("directory") JdbcClient directory) {
        this.workflows = workflows;
        this.jobs = jobs;
        this.directory = directory;
    }

    /** Aside from the request, which does not wait for Temporal. */
    @TransactionalEventListener
    void on(TrainingJobs.Submitted submitted) {
        Thread.startVirtualThread(() -> workflows.startTraining(submitted.job()));
    }

    @TransactionalEventListener
    void on(TrainingJobs.CancelRequested requested) {
        Thread.startVirtualThread(() -> cancel(requested.job()));
    }

    private record Unfinished(JobRef job, boolean cancelRequested) {}

    /** Starting what runs already and cancelling what is being cancelled change nothing. */
    @Scheduled(fixedDelayString = "PT10S")
    void reconcile() {
        var unfinished = directory
                .sql("""
                        select tenant_id, id, cancel_requested_at is not null as cancel_requested from training_job
                        where state not in ('SUCCEEDED', 'FAILED', 'CANCELLED') order by created_at""")
                .query((row, number) -> new Unfinished(
                        new JobRef(row.getObject("tenant_id", UUID.class), row.getObject("id", UUID.class)),
                        row.getBoolean("cancel_requested")))
                .list();
        for (Unfinished found : unfinished) {
            boolean reached = found.cancelRequested() ? cancel(found.job()) : workflows.startTraining(found.job());
            if (!reached) {
                return;
            }
        }
    }

    private boolean cancel(JobRef job) {
        return switch (workflows.cancel(job.workflowId())) {
            case REQUESTED -> true;
            case NOT_RUNNING -> {
                // Nobody is left to end the job. A workflow that starts late finds it ended.
                TenantContext.run(job.tenant(), () -> jobs.end(job, JobState.CANCELLED, "Cancelled while waiting."));
                yield true;
            }
            case UNKNOWN -> false;
        };
    }
}
