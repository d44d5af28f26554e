package io.espalier.controlplane.tenancy;

import io.espalier.controlplane.platform.TenantScopedId;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import java.time.Instant;
import java.util.UUID;

/** A person of a tenant. */
@Entity
@IdClass(TenantScopedId.class)
public class Member {
    /** What a member may do; today all may do everything but remove the owner. */
    public enum Role {
        OWNER,
        MEMBER
    }

    @Id
    private UUID tenantId;

    @Id
    private UUID id;

    private String email;
    private String passwordHash;

    @Enumerated(EnumType.STRING)
    private Role role;

    private Instant createdAt;

    @SuppressWarnings("NullAway") // Hibernate's.
    protected Member() {}

    Member(UUID tenantId, UUID id, String email, String passwordHash, Role role, Instant createdAt) {
        this.tenantId = tenantId;
        this.id = id;
        this.email = email;
        this.passwordHash = passwordHash;
        this.role = role;
        this.createdAt = createdAt;
    }

    public UUID id() {
        return id;
    }

    public UUID tenantId() {
        return tenantId;
    }

    public String email() {
        return email;
    }

    public Role role() {
        return role;
    }

    public Instant createdAt() {
        return createdAt;
    }

    String passwordHash() {
        return passwordHash;
    }

    void changePassword(String hash) {
        passwordHash = hash;
    }
}
