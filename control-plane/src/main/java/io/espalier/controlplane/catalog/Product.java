package io.espalier.controlplane.catalog;

import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** One line of a tenant's matrix. */
@Entity
@IdClass(TenantScopedId.class)
public class Product {
    @Id
    private UUID tenantId;

    @Id
    private UUID id;

    private String name;
    private String slug;
    private String task;
    private @Nullable String baseModel;
    private @Nullable UUID ownBaseModel;
    private Instant createdAt;

    @SuppressWarnings("NullAway") // Hibernate's.
    protected Product() {}

    Product(
            UUID tenantId,
            UUID id,
            String name,
            String slug,
            String task,
            @Nullable String baseModel,
            @Nullable UUID ownBaseModel,
            Instant createdAt) {
        this.tenantId = tenantId;
        this.id = id;
        this.name = name;
        this.slug = slug;
        this.task = task;
        this.baseModel = baseModel;
        this.ownBaseModel = ownBaseModel;
        this.createdAt = createdAt;
    }

    public UUID tenantId() {
        return tenantId;
    }

    public UUID id() {
        return id;
    }

    public String name() {
        return name;
    }

    /** Unique in the tenant; what callers of predictions may write instead of the id. */
    public String slug() {
        return slug;
    }

    public String task() {
        return task;
    }

    /** The name of the base model that its trainings start from; null where they start from nothing. */
    public @Nullable String baseModel() {
        return baseModel;
    }

    /** Where the base model is one of the tenant's own. */
    @Nullable
    UUID ownBaseModel() {
        return ownBaseModel;
    }

    public Instant createdAt() {
        return createdAt;
    }
}
