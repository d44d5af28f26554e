package io.espalier.controlplane.dataset;

import io.espalier.contracts.artifact.ObjectKeys;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.InspectionOutcome;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/** The state machine of a dataset version; its parts are rows of their own. */
@Entity
@Table(name = "dataset_version")
@IdClass(TenantScopedId.class)
class DatasetVersion {
    /** That can be trained on. */
    private static final int FEWEST_CLASSES = 2;

    @Id
    private UUID tenantId;

    @Id
    private UUID id;

    private UUID datasetId;
    private int number;

    @Enumerated(EnumType.STRING)
    private DatasetVersionState state;

    private @Nullable String failure;
    private @Nullable String progress;

    @JdbcTypeCode(SqlTypes.JSON)
    private ColumnMapping mapping;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable ColumnMapping effectiveMapping;

    @JdbcTypeCode(SqlTypes.JSON)
    private @Nullable Map<Split, Long> rowsBySplit;

    private int revision;
    private boolean used;
    private @Nullable Long rowCount;
    private @Nullable Long rowsUsed;
    private @Nullable Integer classCount;
    private @Nullable String contentHash;
    private Instant createdAt;
    private @Nullable Instant completedAt;
    private @Nullable Instant inspectedAt;

    @SuppressWarnings("NullAway") // Hibernate's.
    protected DatasetVersion() {}

    DatasetVersion(UUID tenant, UUID id, UUID dataset, int number, ColumnMapping mapping, Instant now) {
        this.tenantId = tenant;
        this.id = id;
        this.datasetId = dataset;
        this.number = number;
        this.state = DatasetVersionState.UPLOADING;
        this.mapping = mapping;
        this.revision = 1;
        this.createdAt = now;
    }

    DatasetVersionRef ref() {
        return new DatasetVersionRef(tenantId, datasetId, id);
    }

    /** @throws ProblemException CONFLICT if the upload is complete already */
    void requireUploading() {
        if (state != DatasetVersionState.UPLOADING) {
            throw conflict("Version %d is complete and does not change any more; make another version for other data."
                    .formatted(number));
        }
    }

    void complete(Instant now) {
        requireUploading();
        state = DatasetVersionState.INSPECTING;
        completedAt = now;
    }

    /** Starts over with another mapping. */
    void correct(ColumnMapping corrected) {
        if (used) {
            throw conflict(
                    "A training job has used version %d with its mapping; make another version for another mapping."
                            .formatted(number));
        }
        if (state == DatasetVersionState.INSPECTING) {
            throw conflict(
                    "Version %d is being inspected; correct its mapping when the report is there.".formatted(number));
        }
        mapping = corrected;
        if (state.isInspected()) {
            state = DatasetVersionState.INSPECTING;
            revision++;
            failure = null;
            effectiveMapping = null;
            rowsBySplit = null;
            rowCount = null;
            rowsUsed = null;
            classCount = null;
            inspectedAt = null;
        }
    }

    /** Whether this is the inspection that the version waits for; another may be an older revision's, or a repeated one. */
    boolean awaits(String reportKey) {
        return state == DatasetVersionState.INSPECTING && reportKey.equals(reportKey());
    }

    void progressed(String message) {
        progress = message;
    }

    /** The inspection that nobody waits for once the version is deleted; empty where none runs. */
    Optional<DatasetVersions.InspectionObsolete> obsoleteInspection() {
        return state == DatasetVersionState.INSPECTING
                ? Optional.of(new DatasetVersions.InspectionObsolete(ref().inspectionWorkflowId(revision)))
                : Optional.empty();
    }

    void inspected(InspectionOutcome outcome, DatasetReport report, Instant now) {
        progress = null;
        state = outcome.trainable() ? DatasetVersionState.READY : DatasetVersionState.INVALID;
        effectiveMapping = report.mapping();
        rowsBySplit = report.rowsBySplit();
        rowCount = outcome.rows();
        rowsUsed = outcome.rowsUsed();
        classCount = report.profile().classes().size();
        contentHash = outcome.contentHash();
        inspectedAt = now;
    }

    void failed(String reason, Instant now) {
        progress = null;
        state = DatasetVersionState.FAILED;
        failure = reason;
        inspectedAt = now;
    }

    /** From here on the mapping stays as it is. */
    void markUsed() {
        used = true;
    }

    String reportKey() {
        return ObjectKeys.datasetReport(ref(), revision);
    }

    InspectionSpec inspection(String task, List<DatasetPart> parts) {
        return new InspectionSpec(ref(), task, parts, mapping, reportKey());
    }

    private static ProblemException conflict(String detail) {
        return new ProblemException(ProblemType.CONFLICT, detail);
    }

    UUID tenantId() {
        return tenantId;
    }

    UUID id() {
        return id;
    }

    UUID datasetId() {
        return datasetId;
    }

    int number() {
        return number;
    }

    DatasetVersionState state() {
        return state;
    }

    @Nullable
    String failure() {
        return failure;
    }

    @Nullable
    String progress() {
        return progress;
    }

    ColumnMapping mapping() {
        return mapping;
    }

    @Nullable
    ColumnMapping effectiveMapping() {
        return effectiveMapping;
    }

    /** The labels of the usable rows; where they were not counted, the fewest that can be trained on. */
    int classes() {
        return classCount == null ? FEWEST_CLASSES : classCount;
    }

    @Nullable
    Map<Split, Long> rowsBySplit() {
        return rowsBySplit;
    }

    int revision() {
        return revision;
    }

    boolean used() {
        return used;
    }

    @Nullable
    Long rowCount() {
        return rowCount;
    }

    @Nullable
    Long rowsUsed() {
        return rowsUsed;
    }

    @Nullable
    String contentHash() {
        return contentHash;
    }

    Instant createdAt() {
        return createdAt;
    }

    @Nullable
    Instant completedAt() {
        return completedAt;
    }

    @Nullable
    Instant inspectedAt() {
        return inspectedAt;
    }
}
