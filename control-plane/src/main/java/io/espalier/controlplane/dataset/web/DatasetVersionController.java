package io.espalier.controlplane.dataset.web;

import io.espalier.contracts.artifact.ObjectStore;
import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.dataset.DatasetReport;
import io.espalier.contracts.process.Settings;
import io.espalier.controlplane.dataset.DatasetVersionResponse;
import io.espalier.controlplane.dataset.DatasetVersions;
import io.espalier.controlplane.dataset.Uploads;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.TenantContext;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** {@code version} in a path is the version's number in its dataset, or its id. */
@RestController
@RequestMapping("/api/datasets/{dataset}/versions")
class DatasetVersionController {
    private final DatasetVersions versions;
    private final Uploads uploads;
    private final ObjectStore store;
    private final @Nullable String publicUrl;

    DatasetVersionController(DatasetVersions versions, Uploads uploads, ObjectStore store, Settings settings) {
        this.versions = versions;
        this.uploads = uploads;
        this.store = store;
        this.publicUrl = settings.optional(Settings.PUBLIC_URL);
    }

    /** @param columnsByRole roles that are absent are guessed */
    record MappingRequest(
            @Nullable Map<String, List<String>> columnsByRole,
            @Nullable String splitColumn) {
        ColumnMapping toMapping() {
            return new ColumnMapping(columnsByRole == null ? Map.of() : columnsByRole, splitColumn);
        }
    }

    record CreateDatasetVersionRequest(@Nullable MappingRequest mapping) {}

    record CreateUploadRequest(
            @NotBlank String name, @Nullable String split) {}

    @GetMapping
    Page<DatasetVersionResponse> listDatasetVersions(@PathVariable UUID dataset, PageRequest page) {
        return versions.list(TenantContext.required(), dataset, page);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<DatasetVersionResponse> createDatasetVersion(
            @PathVariable UUID dataset, @RequestBody(required = false) @Nullable CreateDatasetVersionRequest request) {
        ColumnMapping mapping = request == null || request.mapping() == null
                ? ColumnMapping.GUESS
                : request.mapping().toMapping();
        var created = versions.create(TenantContext.required(), dataset, mapping);
        return ResponseEntity.created(URI.create("/api/datasets/" + dataset + "/versions/" + created.number()))
                .body(created);
    }

    @GetMapping("/{version}")
    DatasetVersionResponse getDatasetVersion(@PathVariable UUID dataset, @PathVariable String version) {
        return versions.get(TenantContext.required(), dataset, version);
    }

    @DeleteMapping("/{version}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteDatasetVersion(@PathVariable UUID dataset, @PathVariable String version) {
        versions.delete(TenantContext.required(), dataset, version);
    }

    /** The body is the file, whatever its content type; it passes through to the object store as it arrives. */
    @PutMapping("/{version}/parts/{name}")
    DatasetVersionResponse.Part uploadPart(
            @PathVariable UUID dataset,
            @PathVariable String version,
            @PathVariable String name,
            @RequestParam(required = false) @Nullable String split,
            HttpServletRequest request)
            throws IOException {
        return uploads.put(
                TenantContext.required(),
                dataset,
                version,
                name,
                split,
                request.getContentLengthLong(),
                request.getInputStream());
    }

    /** A URL on the public origin that the file can be {@code PUT} to, without credentials. */
    @PostMapping("/{version}/uploads")
    @ResponseStatus(HttpStatus.CREATED)
    Uploads.Ticket createUpload(
            @PathVariable UUID dataset, @PathVariable String version, @Valid @RequestBody CreateUploadRequest request) {
        URI origin = publicUrl == null
                ? ServletUriComponentsBuilder.fromCurrentContextPath().build().toUri()
                : URI.create(publicUrl);
        return uploads.ticket(TenantContext.required(), dataset, version, request.name(), request.split(), origin);
    }

    @PostMapping("/{version}/complete")
    @ResponseStatus(HttpStatus.ACCEPTED)
    DatasetVersionResponse completeDatasetVersion(@PathVariable UUID dataset, @PathVariable String version) {
        return uploads.complete(TenantContext.required(), dataset, version);
    }

    @PutMapping("/{version}/mapping")
    DatasetVersionResponse correctMapping(
            @PathVariable UUID dataset, @PathVariable String version, @RequestBody MappingRequest mapping) {
        return versions.correctMapping(TenantContext.required(), dataset, version, mapping.toMapping());
    }

    @ApiResponse(
            responseCode = "200",
            content =
                    @Content(
                            mediaType = MediaType.APPLICATION_JSON_VALUE,
                            schema = @Schema(implementation = DatasetReport.class)))
    @GetMapping(path = "/{version}/report", produces = MediaType.APPLICATION_JSON_VALUE)
    ResponseEntity<Resource> getDatasetReport(@PathVariable UUID dataset, @PathVariable String version) {
        String key = versions.reportKey(TenantContext.required(), dataset, version);
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_JSON)
                .body(new InputStreamResource(() -> store.stream(key)));
    }
}
