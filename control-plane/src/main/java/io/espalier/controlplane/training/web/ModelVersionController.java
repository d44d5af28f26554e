package io.espalier.controlplane.training.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.controlplane.catalog.BaseModel;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.Printable;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.training.ModelVersion;
import io.espalier.controlplane.training.ModelVersions;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
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
@RequestMapping("/api/products/{product}/versions")
class ModelVersionController {
    private static final MediaType ZIP = MediaType.parseMediaType("application/zip");

    private final ModelVersions versions;
    private final ObjectStore store;

    ModelVersionController(ModelVersions versions, ObjectStore store) {
        this.versions = versions;
        this.store = store;
    }

    /**
     * A model version as its owner sees it.
     *
     * @param metrics on the test split, measured on the bundle that serves
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ModelVersionResponse(
            UUID id,
            UUID product,
            int number,
            String task,
            List<String> labels,
            String precision,
            long bytes,
            String sha256,
            Map<String, Double> metrics,
            ModelVersion.Lineage lineage,
            Instant createdAt) {
        static ModelVersionResponse of(ModelVersion version) {
            return new ModelVersionResponse(
                    version.id(),
                    version.product(),
                    version.number(),
                    version.task(),
                    version.labels(),
                    version.bundle().precision(),
                    version.bundle().bytes(),
                    version.bundle().sha256(),
                    version.metrics(),
                    version.lineage(),
                    version.createdAt());
        }
    }

    @GetMapping
    Page<ModelVersionResponse> listModelVersions(@PathVariable UUID product, PageRequest page) {
        Page<ModelVersion> found = versions.list(TenantContext.required(), product, page);
        return new Page<>(found.items().stream().map(ModelVersionResponse::of).toList(), found.nextCursor());
    }

    @GetMapping("/{number}")
    ModelVersionResponse getModelVersion(@PathVariable UUID product, @PathVariable int number) {
        return ModelVersionResponse.of(versions.get(TenantContext.required(), product, number));
    }

    @DeleteMapping("/{number}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteModelVersion(@PathVariable UUID product, @PathVariable int number) {
        versions.delete(TenantContext.required(), product, number);
    }

    /** @param description says which version it is where absent */
    record MakeBaseModelRequest(
            @NotBlank @Size(max = 100) @Printable String name,
            @Nullable @Size(max = 1000) @Printable String description) {}

    @PostMapping("/{number}/base-model")
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<BaseModel> makeBaseModel(
            @PathVariable UUID product, @PathVariable int number, @Valid @RequestBody MakeBaseModelRequest request) {
        BaseModel made = versions.makeBaseModel(
                TenantContext.required(), product, number, request.name().strip(), request.description());
        return ResponseEntity.created(URI.create("/api/base-models/" + made.id()))
                .body(made);
    }

    @GetMapping(path = "/{number}/bundle", produces = "application/zip")
    ResponseEntity<Resource> downloadBundle(@PathVariable UUID product, @PathVariable int number) {
        ModelVersion version = versions.get(TenantContext.required(), product, number);
        return ResponseEntity.ok()
                .contentType(ZIP)
                .contentLength(version.bundle().bytes())
                .eTag(version.bundle().sha256())
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename("model-%s-v%d.zip".formatted(product, number))
                                .build()
                                .toString())
                .body(new InputStreamResource(
                        () -> store.stream(version.bundle().objectKey())));
    }
}
