package io.espalier.controlplane.dataset.web;

import io.espalier.controlplane.dataset.DatasetResponse;
import io.espalier.controlplane.dataset.Datasets;
import io.espalier.controlplane.platform.Page;
import io.espalier.controlplane.platform.PageRequest;
import io.espalier.controlplane.platform.Printable;
import io.espalier.controlplane.platform.TenantContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Size;
import java.net.URI;
import java.util.UUID;
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
@RequestMapping("/api/datasets")
class DatasetController {
    private final Datasets datasets;

    DatasetController(Datasets datasets) {
        this.datasets = datasets;
    }

    record CreateDatasetRequest(
            @NotBlank @Size(max = 200) @Printable String name,
            @NotBlank String task) {}

    @GetMapping
    Page<DatasetResponse> listDatasets(PageRequest page) {
        return datasets.list(TenantContext.required(), page);
    }

    @PostMapping
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<DatasetResponse> createDataset(@Valid @RequestBody CreateDatasetRequest request) {
        DatasetResponse created = datasets.create(TenantContext.required(), request.name(), request.task());
        return ResponseEntity.created(URI.create("/api/datasets/" + created.id()))
                .body(created);
    }

    @GetMapping("/{id}")
    DatasetResponse getDataset(@PathVariable UUID id) {
        return datasets.get(TenantContext.required(), id);
    }

    @DeleteMapping("/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void deleteDataset(@PathVariable UUID id) {
        datasets.delete(TenantContext.required(), id);
    }
}
