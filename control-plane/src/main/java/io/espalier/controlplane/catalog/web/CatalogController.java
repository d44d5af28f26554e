package io.espalier.controlplane.catalog.web;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.catalog.BaseModel;
import io.espalier.controlplane.catalog.BaseModels;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.TenantContext;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CatalogController {
    private final BaseModels baseModels;

    CatalogController(BaseModels baseModels) {
        this.baseModels = baseModels;
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
