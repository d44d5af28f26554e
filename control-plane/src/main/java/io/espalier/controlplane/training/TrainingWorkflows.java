package io.espalier.controlplane.training;

import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.temporal.Workflows;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
    /** Longer than it takes to find out that the worker, which should have stopped, is dead. */
    private static final Duration CANCELLATION_LIMIT = Duration.ofSeconds(90);

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

    /** @param cancelRequestedAt null where nobody wants it cancelled */
    private record Unfinished(JobRef job, @Nullable Instant cancelRequestedAt) {}

    /** Starting what runs already and cancelling what is being cancelled change nothing. */
    @Scheduled(fixedDelayString = "PT10S")
    void reconcile() {
        var unfinished = directory
                .sql("""
                        select tenant_id, id, cancel_requested_at from training_job
                        where state not in ('SUCCEEDED', 'FAILED', 'CANCELLED') order by created_at""")
                .query((row, number) -> new Unfinished(
                        new JobRef(row.getObject("tenant_id", UUID.class), row.getObject("id", UUID.class)),
                        instant(row.getTimestamp("cancel_requested_at"))))
                .list();
        for (Unfinished found : unfinished) {
            if (!reconcile(found)) {
                return;
            }
        }
    }

    /** @return false where Temporal cannot be reached, so that there is no point in going on */
    private boolean reconcile(Unfinished found) {
        Instant cancelRequested = found.cancelRequestedAt();
        if (cancelRequested == null) {
            return workflows.startTraining(found.job());
        }
        return cancelRequested.plus(CANCELLATION_LIMIT).isAfter(Instant.now())
                ? cancel(found.job())
                : terminate(found.job());
    }

    private boolean cancel(JobRef job) {
        return switch (workflows.cancel(job.workflowId())) {
            case REQUESTED -> true;
            case NOT_RUNNING -> {
                // Nobody is left to end the job. A workflow that starts late finds it ended.
                end(job);
                yield true;
            }
            case UNKNOWN -> false;
        };
    }

    private boolean terminate(JobRef job) {
        boolean terminated = workflows.terminate(job.workflowId(), "It did not end when it was cancelled.");
        if (terminated) {
            end(job);
        }
        return terminated;
    }

    private void end(JobRef job) {
        TenantContext.run(job.tenant(), () -> jobs.end(job, JobState.CANCELLED, "Cancelled."));
    }

    private static @Nullable Instant instant(@Nullable Timestamp timestamp) {
        return timestamp == null ? null : timestamp.toInstant();
    }
}
