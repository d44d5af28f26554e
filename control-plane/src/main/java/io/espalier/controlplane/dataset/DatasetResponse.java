package io.espalier.controlplane.dataset;

import java.time.Instant;
import java.util.UUID;

/** A dataset as its owner sees it. */
public record DatasetResponse(UUID id, String name, String task, Instant createdAt) {
    static DatasetResponse of(Dataset dataset) {
        return new DatasetResponse(dataset.id(), dataset.name(), dataset.task(), dataset.createdAt());
    }
}
