package io.espalier.controlplane.catalog;

import io.espalier.contracts.job.BaseModelRef;
import io.espalier.controlplane.platform.TenantContext;
import io.espalier.controlplane.temporal.Workflows;
import java.util.Optional;
import java.util.UUID;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.event.TransactionalEventListener;

/** Starts imports after the commit that makes them due, and again every ten seconds those that were lost. */
@Component
class ImportWorkflows {
    private final Workflows workflows;
    private final BaseModelImports imports;
    private final JdbcClient directory;

    ImportWorkflows(Workflows workflows, BaseModelImports imports, @Qualifier("directory") JdbcClient directory) {
        this.workflows = workflows;
        this.imports = imports;
        this.directory = directory;
    }

    /** Aside from the request, which does not wait for Temporal. */
    @TransactionalEventListener
    void on(BaseModelImports.ImportDue due) {
        Thread.startVirtualThread(() -> workflows.startImport(due.spec()));
    }

    @TransactionalEventListener
    void on(BaseModelImports.ImportObsolete obsolete) {
        Thread.startVirtualThread(() -> workflows.cancel(obsolete.workflowId()));
    }

    @Scheduled(fixedDelayString = "PT10S")
    void reconcile() {
        var importing = directory
                .sql("select tenant_id, id from tenant_base_model where state = 'IMPORTING'")
                .query((row, number) ->
                        new BaseModelRef(row.getObject("tenant_id", UUID.class), row.getObject("id", UUID.class)))
                .list();
        for (BaseModelRef model : importing) {
            Optional<BaseModelImports.ImportDue> due =
                    TenantContext.call(model.tenant(), () -> imports.due(model.tenant(), model.baseModel()));
            if (due.isPresent() && !workflows.startImport(due.get().spec())) {
                return;
            }
        }
    }
}
