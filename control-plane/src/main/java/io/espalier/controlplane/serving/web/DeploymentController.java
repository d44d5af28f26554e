package io.espalier.controlplane.serving.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.serving.Deployments;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/products/{product}/deployment")
class DeploymentController {
    private final Deployments deployments;

    DeploymentController(Deployments deployments) {
        this.deployments = deployments;
    }

    /** @param version the number of a model version of this product */
    record DeployRequest(@NotNull Integer version) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record DeploymentResponse(
            Deployments.State state, @Nullable String failure, List<Variant> variants, Instant deployedAt) {
        /** @param weight share of the traffic, against the sum of all */
        record Variant(UUID model, int version, String precision, long bytes, int weight) {}

        static DeploymentResponse of(Deployments.Deployment deployment) {
            var version = deployment.version();
            return new DeploymentResponse(
                    deployment.state(),
                    deployment.failure(),
                    List.of(new Variant(
                            version.id(),
                            version.number(),
                            version.bundle().precision(),
                            version.bundle().bytes(),
                            1)),
                    deployment.deployedAt());
        }
    }

    @GetMapping
    DeploymentResponse getDeployment(@PathVariable UUID product) {
        return DeploymentResponse.of(deployments.get(TenantContext.required(), product));
    }

    @PutMapping
    DeploymentResponse deploy(@PathVariable UUID product, @Valid @RequestBody DeployRequest request) {
        return DeploymentResponse.of(deployments.deploy(TenantContext.required(), product, request.version()));
    }

    @DeleteMapping
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void withdraw(@PathVariable UUID product) {
        deployments.withdraw(TenantContext.required(), product);
    }

    @PostMapping("/rollback")
    DeploymentResponse rollBack(@PathVariable UUID product) {
        return DeploymentResponse.of(deployments.rollBack(TenantContext.required(), product));
    }
}
