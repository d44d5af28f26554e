package io.espalier.controlplane.event.web;

import io.espalier.controlplane.dataset.DatasetVersionResponse;
import io.espalier.controlplane.event.EventDatasets;
import io.espalier.controlplane.platform.TenantContext;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import java.net.URI;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class EventDatasetController {
    private final EventDatasets datasets;

    EventDatasetController(EventDatasets datasets) {
        this.datasets = datasets;
    }

    /** @param datasetVersion the id of the version whose files the new one has too */
    record ExtendDatasetRequest(@NotNull UUID datasetVersion) {}

    /** A version of what was uploaded and of the events that the product has collected since; it is inspected next. */
    @PostMapping("/api/products/{product}/dataset-versions")
    @ResponseStatus(HttpStatus.CREATED)
    ResponseEntity<DatasetVersionResponse> extendDataset(
            @PathVariable UUID product, @Valid @RequestBody ExtendDatasetRequest request) {
        var made = datasets.extend(TenantContext.required(), product, request.datasetVersion());
        return ResponseEntity.created(URI.create("/api/datasets/" + made.dataset() + "/versions/" + made.number()))
                .body(made);
    }
}
