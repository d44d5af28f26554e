package io.espalier.controlplane.training;

import java.util.UUID;

/**
 * A model version is being deleted. Published within the deleting transaction, before the row goes: a listener that throws
 * refuses the deletion.
 */
public record ModelVersionDeleted(UUID tenant, UUID product, UUID modelVersion, int number) {}
