package io.espalier.controlplane.dataset;

import io.espalier.contracts.dataset.DatasetPart;
import io.espalier.contracts.dataset.Split;
import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One file of a dataset version. Another upload under the same name is another part in its place, with an object of its own. */
@Entity
@Table(name = "dataset_part")
@IdClass(TenantScopedId.class)
class UploadedPart {
    /** Where a part's bytes are once its version is complete. */
    record Arrival(String objectKey, long bytes) {}

    @Id
    private UUID tenantId;

    @Id
    private UUID id;

    private UUID versionId;
    private String name;

    @Enumerated(EnumType.STRING)
    private @Nullable Split split;

    private String objectKey;
    private @Nullable Long bytes;
    private @Nullable Long lastEventSequence;
    private Instant createdAt;

    @SuppressWarnings("NullAway") // Hibernate's.
    protected UploadedPart() {}

    /** @param bytes null where they are still to come, by a presigned URL */
    UploadedPart(
            UUID tenant,
            UUID id,
            UUID version,
            String name,
            @Nullable Split split,
            String objectKey,
            @Nullable Long bytes,
            Instant now) {
        this.tenantId = tenant;
        this.id = id;
        this.versionId = version;
        this.name = name;
        this.split = split;
        this.objectKey = objectKey;
        this.bytes = bytes;
        this.createdAt = now;
    }

    void arrived(Arrival arrival) {
        objectKey = arrival.objectKey();
        bytes = arrival.bytes();
    }

    /** @param sequence up to which event of its product it goes, where it was made of them */
    UploadedPart upTo(@Nullable Long sequence) {
        lastEventSequence = sequence;
        return this;
    }

    DatasetPart toDatasetPart() {
        return new DatasetPart(name, split, objectKey, bytes == null ? 0 : bytes, lastEventSequence);
    }

    UUID id() {
        return id;
    }

    UUID versionId() {
        return versionId;
    }

    String name() {
        return name;
    }

    @Nullable
    Split split() {
        return split;
    }

    String objectKey() {
        return objectKey;
    }

    @Nullable
    Long bytes() {
        return bytes;
    }

    @Nullable
    Long lastEventSequence() {
        return lastEventSequence;
    }

    Instant createdAt() {
        return createdAt;
    }
}
