package io.espalier.controlplane.dataset;

import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/** A name under which versions of a tenant's data for one task are collected. */
@Entity
@Table(name = "dataset")
@IdClass(TenantScopedId.class)
class Dataset {
    @Id
    private UUID tenantId;

    @Id
    private UUID id;

    private String name;
    private String task;
    private int lastVersionNumber;
    private Instant createdAt;

    @SuppressWarnings("NullAway") // Hibernate's.
    protected Dataset() {}

    Dataset(UUID tenant, UUID id, String name, String task, Instant now) {
        this.tenantId = tenant;
        this.id = id;
        this.name = name;
        this.task = task;
        this.createdAt = now;
    }

    /** Under the row's lock. */
    int nextVersionNumber() {
        return ++lastVersionNumber;
    }

    UUID tenantId() {
        return tenantId;
    }

    UUID id() {
        return id;
    }

    String name() {
        return name;
    }

    String task() {
        return task;
    }

    Instant createdAt() {
        return createdAt;
    }
}
