package io.espalier.controlplane.tenancy;

import java.util.UUID;

/** The member whom a session's token was given to. */
public record CurrentMember(UUID tenant, UUID member, UUID session) {}
