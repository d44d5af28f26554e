package io.espalier.controlplane.training;

import io.espalier.contracts.job.JobRef;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The events of a job, appended by whoever holds the lock of the job's row. */
@Repository
class JobEventRepository {
    /** Progress between epochs is worth a page of scrolling back and no more. */
    private static final int PROGRESS_KEPT = 500;

    private static final int PRUNE_EVERY = 100;

    private final JdbcClient jdbc;

    JobEventRepository(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    void append(JobRef job, JobEvent event, Instant at) {
        jdbc.sql("""
                        insert into training_job_event (tenant_id, job_id, sequence, type, payload, created_at)
                        values (:tenant, :job, :sequence, :type, :payload::jsonb, :at)""")
                .param("tenant", job.tenant())
                .param("job", job.job())
                .param("sequence", event.sequence())
                .param("type", event.type().word())
                .param("payload", event.payload())
                .param("at", Timestamp.from(at))
                .update();
        if (event.sequence() % PRUNE_EVERY == 0) {
            forgetProgress(job, event.sequence() - PROGRESS_KEPT);
        }
    }

    /** Deletes the progress between epochs up to a sequence; the ends of epochs, with their metrics, stay. */
    void forgetProgress(JobRef job, long last) {
        jdbc.sql("""
                        delete from training_job_event
                        where tenant_id = :tenant and job_id = :job and sequence <= :last
                          and type = 'progress' and not jsonb_exists(payload, 'metrics')""")
                .param("tenant", job.tenant())
                .param("job", job.job())
                .param("last", last)
                .update();
    }

    /** @return the next events after a sequence, oldest first */
    List<JobEvent> after(JobRef job, long sequence, int limit) {
        return jdbc.sql("""
                        select sequence, type, payload from training_job_event
                        where tenant_id = :tenant and job_id = :job and sequence > :sequence
                        order by sequence limit :limit""")
                .param("tenant", job.tenant())
                .param("job", job.job())
                .param("sequence", sequence)
                .param("limit", limit)
                .query((row, number) -> new JobEvent(
                        row.getLong("sequence"),
                        JobEvent.Type.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
                        row.getString("payload")))
                .list();
    }
}
