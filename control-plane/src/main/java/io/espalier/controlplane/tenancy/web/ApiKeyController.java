package io.espalier.controlplane.tenancy.web;

import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.Printable;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.tenancy.ApiKey;
import io.espalier.controlplane.tenancy.ApiKeys;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/api-keys")
class ApiKeyController {
    private static final int DEFAULT_REQUESTS_PER_MINUTE = 6_000;

    private final ApiKeys keys;

    ApiKeyController(ApiKeys keys) {
        this.keys = keys;
    }

    /** @param requestsPerMinute 6,000 where absent */
    record CreateApiKeyRequest(
            @NotBlank @Size(max = 200) @Printable String name,
            @Nullable @Min(1) @Max(10_000_000) Integer requestsPerMinute) {}

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<ApiKey> createApiKey(@Valid @RequestBody CreateApiKeyRequest request) {
        Integer rate = request.requestsPerMinute();
        ApiKey made = keys.create(
                TenantContext.required(), request.name(), rate == null ? DEFAULT_REQUESTS_PER_MINUTE : rate);
        return ResponseEntity.created(URI.create("/api/api-keys")).body(made);
    }

    @GetMapping
    Page<ApiKey> listApiKeys(PageRequest page) {
        return keys.list(TenantContext.required(), page);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revokeApiKey(@PathVariable UUID id) {
        keys.revoke(TenantContext.required(), id);
    }
}
