package io.espalier.controlplane.dataset;

import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.temporal.Workflows;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** Starts inspections after the commit that makes them due, and again every ten seconds those that were lost. */
@Component
class InspectionWorkflows {
    private final Workflows workflows;
    private final DatasetVersions versions;
    private final JdbcClient directory;

    InspectionWorkflows(Workflows workflows, DatasetVersions versions, @Qualifier("directory") JdbcClient directory) {
        this.workflows = workflows;
        this.versions = versions;
        this.directory = directory;
    }

    /** Aside from the request, which does not wait for Temporal. */
    @TransactionalEventListener
    void on(DatasetVersions.InspectionDue due) {
        Thread.startVirtualThread(() -> workflows.startInspection(due.spec(), due.revision()));
    }

    @TransactionalEventListener
    void on(DatasetVersions.InspectionObsolete obsolete) {
        Thread.startVirtualThread(() -> workflows.cancel(obsolete.workflowId()));
    }

    private record Inspecting(UUID tenant, UUID version) {}

    @Scheduled(fixedDelayString = "PT10S")
    void reconcile() {
        var inspecting = directory
                .sql("select tenant_id, id from dataset_version where state = 'INSPECTING'")
                .query((row, number) ->
                        new Inspecting(row.getObject("tenant_id", UUID.class), row.getObject("id", UUID.class)))
                .list();
        for (Inspecting found : inspecting) {
            Optional<DatasetVersions.InspectionDue> due =
                    TenantContext.call(found.tenant(), () -> versions.dueInspection(found.tenant(), found.version()));
            if (due.isPresent()
                    && !workflows.startInspection(due.get().spec(), due.get().revision())) {
                return;
            }
        }
    }
}
