package io.espalier.controlplane.catalog.web;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.contracts.task.Tasks;
import io.espalier.controlplane.catalog.BaseModel;
import io.espalier.controlplane.catalog.BaseModels;
import io.espalier.controlplane.platform.Page;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
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
    Page<BaseModel> listBaseModels() {
        return new Page<>(baseModels.list(), null);
    }
}
