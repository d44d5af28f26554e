package io.espalier.controlplane.temporal;

import io.espalier.contracts.process.Settings;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The connection to Temporal. Nothing connects before it is needed: the control plane starts while Temporal is away. */
@Configuration(proxyBeanMethods = false)
class TemporalConfiguration {
    @Bean(destroyMethod = "shutdownNow")
    WorkflowServiceStubs workflowServiceStubs(Settings settings) {
        boolean embedded = Boolean.parseBoolean(settings.get(Settings.TEMPORAL_EMBEDDED, "false"));
        return WorkflowServiceStubs.newServiceStubs(WorkflowServiceStubsOptions.newBuilder()
                .setTarget(settings.get(Settings.TEMPORAL_ADDRESS, "127.0.0.1:7233"))
                .setGrpcClientInterceptors(embedded ? List.of(new StickyQueueCure()) : List.of())
                .build());
    }

    @Bean
    WorkflowClient workflowClient(WorkflowServiceStubs stubs, Settings settings) {
        return WorkflowClient.newInstance(
                stubs,
                WorkflowClientOptions.newBuilder()
                        .setNamespace(settings.get(Settings.TEMPORAL_NAMESPACE, "default"))
                        .build());
    }
}
