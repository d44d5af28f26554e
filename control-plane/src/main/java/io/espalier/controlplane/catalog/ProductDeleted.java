package io.espalier.controlplane.catalog;

import java.util.UUID;

/** A product is being deleted, in the same transaction: a listener refuses by throwing. */
public record ProductDeleted(UUID tenant, UUID product) {}
