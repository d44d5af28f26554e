package io.espalier.controlplane.catalog.web;

import io.espalier.contracts.job.ImportSpec.HubModel;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.catalog.BaseModel;
import io.espalier.controlplane.catalog.BaseModelImports;
import io.espalier.controlplane.catalog.BaseModels;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.Printable;
import io.espalier.controlplane.platform.TenantContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CatalogController {
    private final BaseModels baseModels;
    private final BaseModelImports imports;

    CatalogController(BaseModels baseModels, BaseModelImports imports) {
        this.baseModels = baseModels;
        this.imports = imports;
    }

    @GetMapping("/api/tasks")
    Page<TaskDescriptor> listTasks() {
        return new Page<>(Tasks.ALL, null);
    }

    @GetMapping("/api/tasks/{name}")
    TaskDescriptor getTask(@PathVariable String name) {
        return Tasks.find(name)
                .orElseThrow(() -> new ProblemException(ProblemType.NOT_FOUND, "There is no such task."));
    }

    @GetMapping("/api/base-models")
    Page<BaseModel> listBaseModels(PageRequest page) {
        return baseModels.list(TenantContext.required(), page);
    }

    /**
     * A model on the installation's hub.
     *
     * @param repository {@code owner/name}
     * @param revision a branch, a tag or a commit; {@code main} where absent
     */
    record HubRequest(@NotBlank String repository, @Nullable String revision) {
        HubModel toHubModel() {
            return new HubModel(repository, revision == null ? "main" : revision);
        }
    }

    /**
     * @param description says where it came from where absent
     * @param hub absent where the files are uploaded
     */
    record ImportBaseModelRequest(
            @NotBlank @Size(max = 100) @Printable String name,
            @Nullable @Size(max = 1000) @Printable String description,
            @NotNull String task,
            @Nullable @Valid HubRequest hub) {}

    @PostMapping("/api/base-models")
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<BaseModel> createBaseModel(@Valid @RequestBody ImportBaseModelRequest request) {
        BaseModel made = imports.create(
                TenantContext.required(),
                request.name().strip(),
                request.description(),
                request.task(),
                request.hub() == null ? null : request.hub().toHubModel());
        return ResponseEntity.created(URI.create("/api/base-models/" + made.id()))
                .body(made);
    }

    /** The body is the file, whatever its content type; it passes through to the object store as it arrives. */
    @PutMapping("/api/base-models/{id}/files/{name}")
    BaseModelImports.UploadedFile uploadBaseModelFile(
            @PathVariable UUID id, @PathVariable String name, HttpServletRequest request) throws IOException {
        return imports.put(
                TenantContext.required(), id, name, request.getContentLengthLong(), request.getInputStream());
    }

    @PostMapping("/api/base-models/{id}/import")
    @ResponseStatus(HttpStatus.ACCEPTED)
    BaseModel importBaseModel(@PathVariable UUID id) {
        return imports.start(TenantContext.required(), id);
    }

    @GetMapping("/api/base-models/{id}")
    BaseModel getBaseModel(@PathVariable UUID id) {
        return baseModels.get(TenantContext.required(), id);
    }

    @DeleteMapping("/api/base-models/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteBaseModel(@PathVariable UUID id) {
        baseModels.delete(TenantContext.required(), id);
    }
}
