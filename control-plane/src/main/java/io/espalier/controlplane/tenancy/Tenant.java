package io.espalier.controlplane.tenancy;

import java.time.Instant;
import java.util.UUID;

/** A startup team. */
public record Tenant(UUID id, String name, Instant createdAt) {}
