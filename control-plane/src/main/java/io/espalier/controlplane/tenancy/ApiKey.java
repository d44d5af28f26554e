package io.espalier.controlplane.tenancy;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A key of a tenant's own customers or servers, for predictions only.
 *
 * @param prefix its first characters, by which its owner recognizes it
 * @param key the whole key; present only in the answer that makes it
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ApiKey(
        UUID id,
        String name,
        String prefix,
        int requestsPerMinute,
        Instant createdAt,
        @Nullable Instant revokedAt,
        @Nullable String key) {}
