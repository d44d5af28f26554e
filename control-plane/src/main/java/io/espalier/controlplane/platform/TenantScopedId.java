package io.espalier.controlplane.platform;

import java.io.Serializable;
import java.util.UUID;

/** The key of every row that belongs to a tenant. Entities name it as their {@code @IdClass}. */
public record TenantScopedId(UUID tenantId, UUID id) implements Serializable {}
