package io.espalier.controlplane.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A pretrained model: one that the platform brings, or a tenant's own.
 *
 * @param id null for the platform's
 * @param language ISO 639-1; null for a tenant's own
 * @param licence SPDX identifier; null for a tenant's own
 * @param source where it was published; for a tenant's own the model version
 * @param parameters null for a tenant's own
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BaseModel(
        @Nullable UUID id,
        String name,
        String description,
        String task,
        @Nullable String language,
        @Nullable String licence,
        String source,
        @Nullable Long parameters,
        @Nullable Instant createdAt) {}
