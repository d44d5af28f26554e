package io.espalier.controlplane.training;

import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.Evaluation;
import io.espalier.contracts.job.GateDecision;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.job.TrainingJobSpec;
import io.espalier.contracts.job.TrainingOutcome;
import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a training job. Whoever changes it holds the row's lock: the workflow, the worker's reports and the
 * user's wishes arrive in any order, and more than once.
 */
@Entity
@Table(name = "training_job")
@IdClass(TenantScopedId.class)
class TrainingJob {
    @Id
    private UUID tenantId;

    @Id
    private UUID id;

    private UUID productId;
    private @Nullable UUID datasetVersionId;
    private @Nullable UUID retryOf;
    private String task;

    @Enumerated(EnumType.STRING)
    private Accelerator accelerator;

    @JdbcTypeCode(SqlTypes.JSON)
    private TrainingJobSpec spec;

    @Enumerated(EnumType.STRING)
    private JobState state;

    private @Nullable String reason;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<JobState, Instant> stateTimes;

    private @Nullable Instant queuedAt;
    private @Nullable Instant cancelRequestedAt;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable ProgressReport progress;

    private int progressAttempt;
    private long lastEvent;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable PreparedData prepared;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable TrainedModel trained;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable GateDecision gate;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable Evaluation evaluation;

    private Instant createdAt;
    private @Nullable Instant endedAt;

    @SuppressWarnings("NullAway") // Hibernate's.
    protected TrainingJob() {}

    TrainingJob(TrainingJobSpec spec, @Nullable UUID retryOf, Instant now) {
        this.tenantId = spec.ref().tenant();
        this.id = spec.ref().job();
        this.productId = spec.product();
        this.datasetVersionId = spec.datasetVersion();
        this.retryOf = retryOf;
        this.task = spec.task();
        this.accelerator = spec.accelerator();
        this.spec = spec;
        this.state = JobState.PENDING;
        this.stateTimes = Map.of(JobState.PENDING, now);
        this.createdAt = now;
    }

    JobRef ref() {
        return new JobRef(tenantId, id);
    }

    /** Moves forward. A job that is already there, further on or ended stays as it is. */
    boolean enter(JobState next, Instant now) {
        if (!state.canTransitionTo(next)) {
            return false;
        }
        state = next;
        Map<JobState, Instant> times = new EnumMap<>(stateTimes);
        times.put(next, now);
        stateTimes = times;
        // Attempts are counted by activity, and another state is another activity's.
        progressAttempt = 0;
        if (next == JobState.QUEUED) {
            queuedAt = now;
        }
        if (next.isFinal()) {
            endedAt = now;
        }
        return true;
    }

    /** Ends the job without a model version; one that has ended stays as it is. */
    boolean end(JobState last, String why, Instant now) {
        if (!enter(last, now)) {
            return false;
        }
        reason = why;
        return true;
    }

    /**
     * Whether the report is of this moment: not of a job that has ended, of a state that is over, or of an attempt that was
     * given up, whose worker may live on without knowing it.
     */
    boolean accepts(ProgressReport report) {
        return !state.isFinal()
                && !report.state().isFinal()
                && report.state().ordinal() >= state.ordinal()
                && (report.state() != state || report.attempt() >= progressAttempt);
    }

    void progressed(ProgressReport report) {
        progress = report;
        progressAttempt = report.attempt();
    }

    void outcome(TrainingOutcome outcome) {
        prepared = outcome.data();
        trained = outcome.trained();
        gate = outcome.gate();
        evaluation = outcome.evaluation();
        reason = outcome.gate().reason();
    }

    void requestCancel(Instant now) {
        if (cancelRequestedAt == null) {
            cancelRequestedAt = now;
        }
    }

    long nextEvent() {
        return ++lastEvent;
    }

    UUID tenantId() {
        return tenantId;
    }

    UUID id() {
        return id;
    }

    UUID productId() {
        return productId;
    }

    @Nullable
    UUID datasetVersionId() {
        return datasetVersionId;
    }

    @Nullable
    UUID retryOf() {
        return retryOf;
    }

    String task() {
        return task;
    }

    Accelerator accelerator() {
        return accelerator;
    }

    TrainingJobSpec spec() {
        return spec;
    }

    JobState state() {
        return state;
    }

    @Nullable
    String reason() {
        return reason;
    }

    Map<JobState, Instant> stateTimes() {
        return Collections.unmodifiableMap(stateTimes);
    }

    @Nullable
    Instant queuedAt() {
        return queuedAt;
    }

    boolean cancelRequested() {
        return cancelRequestedAt != null;
    }

    @Nullable
    ProgressReport progress() {
        return progress;
    }

    @Nullable
    PreparedData prepared() {
        return prepared;
    }

    @Nullable
    TrainedModel trained() {
        return trained;
    }

    @Nullable
    GateDecision gate() {
        return gate;
    }

    @Nullable
    Evaluation evaluation() {
        return evaluation;
    }

    Instant createdAt() {
        return createdAt;
    }

    @Nullable
    Instant endedAt() {
        return endedAt;
    }
}
