package io.espalier.controlplane.dataset;

import java.util.List;
import java.util.UUID;

/**
 * Dataset versions are being deleted. Published within the deleting transaction, before the rows go: a listener that
 * throws refuses the deletion.
 */
public record DatasetVersionsDeleted(UUID tenant, List<UUID> versions) {}
