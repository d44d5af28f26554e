package io.espalier.controlplane.training;

import io.espalier.contracts.job.TaskQueues;
import io.espalier.controlplane.training.workflow.AugmentationPreviewWorkflowImpl;
import io.espalier.controlplane.training.workflow.BaseModelImportWorkflowImpl;
import io.espalier.controlplane.training.workflow.DatasetInspectionWorkflowImpl;
import io.espalier.controlplane.training.workflow.TrainingJobWorkflowImpl;
import io.temporal.client.WorkflowClient;
import io.temporal.worker.WorkerFactory;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/** Runs workflows and records what comes of them. Starts in the background, as often as it takes until Temporal is there. */
@Component
class TemporalWorker implements SmartLifecycle {
    private static final Logger log = LoggerFactory.getLogger(TemporalWorker.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final WorkflowClient client;
    private final RecordActivitiesImpl activities;
    private @Nullable Thread starter;
    private volatile @Nullable WorkerFactory polling;

    TemporalWorker(WorkflowClient client, RecordActivitiesImpl activities) {
        this.client = client;
        this.activities = activities;
    }

    @Override
    public synchronized void start() {
        starter = Thread.ofVirtual().name("temporal-worker-start").start(this::startUntilItWorks);
    }

    private void startUntilItWorks() {
        while (!Thread.currentThread().isInterrupted()) {
            // A factory that failed to start cannot be started again.
            WorkerFactory factory = WorkerFactory.newInstance(client);
            var worker = factory.newWorker(TaskQueues.CONTROL_PLANE);
            worker.registerWorkflowImplementationTypes(
                    TrainingJobWorkflowImpl.class,
                    DatasetInspectionWorkflowImpl.class,
                    BaseModelImportWorkflowImpl.class,
                    AugmentationPreviewWorkflowImpl.class);
            worker.registerActivitiesImplementations(activities);
            try {
                factory.start();
                polling = factory;
                log.info("Running workflows from {}", TaskQueues.CONTROL_PLANE);
                return;
            } catch (RuntimeException e) {
                log.warn("Temporal cannot be reached yet: {}", e.toString());
                factory.shutdownNow();
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** Whether the worker polls; it goes on polling by itself while Temporal is away. */
    boolean isPolling() {
        return polling != null;
    }

    @Override
    public synchronized void stop() {
        if (starter != null) {
            starter.interrupt();
            starter = null;
        }
        WorkerFactory factory = polling;
        if (factory != null) {
            factory.shutdown();
            factory.awaitTermination(5, TimeUnit.SECONDS);
            polling = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return starter != null;
    }
}
