package io.espalier.controlplane.tenancy.web;

import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.Printable;
import io.espalier.controlplane.tenancy.Tenant;
import io.espalier.controlplane.tenancy.Tenants;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.net.URI;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** For the operator of the installation, with the operator credential. */
@RestController
@RequestMapping("/api/tenants")
class TenantController {
    private final Tenants tenants;

    TenantController(Tenants tenants) {
        this.tenants = tenants;
    }

    record CreateTenantRequest(
            @NotBlank @Size(max = 200) @Printable String name,
            @NotNull @Valid Owner owner) {
        record Owner(@NotBlank String email, @NotNull String password) {}
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<Tenant> createTenant(@Valid @RequestBody CreateTenantRequest request) {
        Tenant created = tenants.create(
                request.name(), request.owner().email(), request.owner().password());
        return ResponseEntity.created(URI.create("/api/tenants")).body(created);
    }

    @GetMapping
    Page<Tenant> listTenants(PageRequest page) {
        return tenants.list(page);
    }
}
