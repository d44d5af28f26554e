package io.espalier.controlplane.catalog;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A pretrained model: one that the platform brings, or a tenant's own.
 *
 * @param id null for the platform's
 * @param files that were uploaded and are not read yet
 * @param problems why it was refused or failed; empty in other states
 * @param language ISO 639-1; null for a tenant's own
 * @param licence SPDX identifier; null for a tenant's own
 * @param source where it was published; for a tenant's own the model version, or where its weights came from
 * @param architecture null for what was not imported
 * @param parameters null for a model version, and until it is known
 * @param createdAt null for the platform's
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record BaseModel(
        @Nullable UUID id,
        String name,
        String description,
        String task,
        BaseModelState state,
        List<String> files,
        List<String> problems,
        @Nullable String language,
        @Nullable String licence,
        String source,
        @Nullable String architecture,
        @Nullable Long parameters,
        @Nullable Instant createdAt) {}
