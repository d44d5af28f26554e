package io.espalier.controlplane.training.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.espalier.contracts.dataset.ColumnMapping;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.AugmentationPreviewSpec;
import io.espalier.contracts.job.AugmentationPreviewWorkflow;
import io.espalier.contracts.job.DatasetInspectionWorkflow;
import io.espalier.contracts.job.DatasetVersionRef;
import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.job.InspectionSpec;
import io.espalier.contracts.job.JobRef;
import io.espalier.contracts.job.TaskQueues;
import io.espalier.contracts.job.TrainingJobWorkflow;
import io.temporal.activity.Activity;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerOptions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TrainingJobWorkflowTest {
    private final TestWorkflowEnvironment temporal = TestWorkflowEnvironment.newInstance();
    private final FakeActivities activities = new FakeActivities();
    private final JobRef job = new JobRef(UUID.randomUUID(), UUID.randomUUID());

    @BeforeEach
    void startWorkers() {
        var controlPlane = temporal.newWorker(TaskQueues.CONTROL_PLANE);
        controlPlane.registerWorkflowImplementationTypes(
                TrainingJobWorkflowImpl.class,
                DatasetInspectionWorkflowImpl.class,
                AugmentationPreviewWorkflowImpl.class);
        controlPlane.registerActivitiesImplementations(activities);
        temporal.newWorker(TaskQueues.DATA).registerActivitiesImplementations(activities);
        // By itself a heartbeat, and with it the news of a cancellation, travels every 24 seconds.
        var promptly = WorkerOptions.newBuilder()
                .setMaxHeartbeatThrottleInterval(Duration.ofMillis(50))
                .build();
        temporal.newWorker(TaskQueues.training(Accelerator.CPU), promptly)
                .registerActivitiesImplementations(activities);
        temporal.start();
    }

    @AfterEach
    void stop() {
        temporal.close();
    }

    private TrainingJobWorkflow workflow() {
        return temporal.getWorkflowClient()
                .newWorkflowStub(
                        TrainingJobWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL_PLANE)
                                .setWorkflowId(job.workflowId())
                                .build());
    }

    private DatasetInspectionWorkflow inspection() {
        return temporal.getWorkflowClient()
                .newWorkflowStub(
                        DatasetInspectionWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL_PLANE)
                                .build());
    }

    private static InspectionSpec inspectionSpec() {
        var version = new DatasetVersionRef(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
        return new InspectionSpec(version, "text-classification", List.of(), ColumnMapping.GUESS, "report.json");
    }

    @Test
    void runsEveryStepInOrderAndCleansUpLast() {
        workflow().run(job);

        assertThat(activities.calls)
                .containsExactly(
                        "begin",
                        "enter PREPARING",
                        "prepare",
                        "enter QUEUED",
                        "train",
                        "enter EXPORTING",
                        "export",
                        "gate",
                        "enter EVALUATING",
                        "evaluate",
                        "enter REGISTERING",
                        "register int8",
                        "discard");
    }

    @Test
    void endsFailedInTheUsersWordsWithoutTryingAgainWhereTheDataIsBad() {
        activities.instead.put("prepare", () -> {
            throw ApplicationFailure.newNonRetryableFailure(
                    "There is only one class: yes.", FailureTypes.INVALID_DATASET);
        });

        workflow().run(job);

        assertThat(activities.calls)
                .containsExactly(
                        "begin", "enter PREPARING", "prepare", "end FAILED: There is only one class: yes.", "discard");
    }

    @Test
    void hidesWhatTheUserCannotMendBehindAnIdOnceItWasTriedOftenEnough() {
        activities.instead.put("train", () -> {
            throw new IllegalStateException("secret of the house");
        });

        workflow().run(job);

        assertThat(activities.calls.stream().filter("train"::equals)).hasSize(50);
        assertThat(activities.calls.get(activities.calls.size() - 2))
                .matches("end FAILED: Something went wrong on our side while training \\(failure [0-9a-f-]{36}\\)\\.");
        assertThat(activities.calls).last().isEqualTo("discard");
    }

    @Test
    void trainsAgainWhereTheTrainingCrashed() {
        var first = new AtomicBoolean(true);
        activities.instead.put("train", () -> {
            if (first.getAndSet(false)) {
                throw new IllegalStateException("The trial was killed by signal 9.");
            }
        });

        workflow().run(job);

        assertThat(activities.calls).containsSubsequence("train", "train", "enter EXPORTING", "register int8");
    }

    @Test
    void goesOnAfterAnOutageOfTheDatabaseWithoutRepeatingTheTraining() {
        var failures = new AtomicInteger(60);
        activities.instead.put("register int8", () -> {
            if (failures.getAndDecrement() > 0) {
                throw new IllegalStateException("The database is away.");
            }
        });

        workflow().run(job);

        assertThat(activities.calls.stream().filter("register int8"::equals)).hasSize(61);
        assertThat(activities.calls.stream().filter("train"::equals)).hasSize(1);
        assertThat(activities.calls).last().isEqualTo("discard");
    }

    @Test
    void stopsTheTrainingAndCleansUpBehindItWhenCancelled() throws Exception {
        activities.instead.put("train", () -> {
            try {
                while (true) {
                    Activity.getExecutionContext().heartbeat("epoch 1");
                    Thread.sleep(20);
                }
            } catch (ActivityCompletionException e) {
                activities.calls.add("training stopped");
                throw e;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        var workflow = workflow();
        WorkflowClient.start(workflow::run, job);
        assertThat(activities.trainingStarted.await(20, TimeUnit.SECONDS)).isTrue();

        WorkflowStub.fromTyped(workflow).cancel();
        assertThatThrownBy(() -> WorkflowStub.fromTyped(workflow).getResult(Void.class))
                .isInstanceOf(WorkflowFailedException.class);

        assertThat(activities.calls)
                .endsWith("training stopped", "end CANCELLED: Cancelled while training.", "discard");
    }

    @Test
    void failingToCleanUpDoesNotUndoTheModelVersion() {
        activities.instead.put("discard", () -> {
            throw ApplicationFailure.newNonRetryableFailure("no", FailureTypes.INVALID_CONFIGURATION);
        });

        workflow().run(job);

        assertThat(activities.calls).endsWith("register int8", "discard");
    }

    @Test
    void endsQuietlyWhereTheJobHasEndedBefore() {
        activities.instead.put("begin", () -> {
            throw ApplicationFailure.newNonRetryableFailure("The job has ended.", FailureTypes.INVALID_CONFIGURATION);
        });

        workflow().run(job);

        assertThat(activities.calls).containsExactly("begin", "end FAILED: The job has ended.");
    }

    @Test
    void recordsAnInspection() {
        inspection().run(inspectionSpec());

        assertThat(activities.calls).containsExactly("inspect", "inspected 10 rows");
    }

    @Test
    void recordsWhyAnInspectionCouldNotBeDone() {
        activities.instead.put("inspect", () -> {
            throw ApplicationFailure.newNonRetryableFailure(
                    "data.xls is a spreadsheet; save it as CSV.", FailureTypes.UNSUPPORTED_FORMAT);
        });

        inspection().run(inspectionSpec());

        assertThat(activities.calls)
                .containsExactly("inspect", "inspected: data.xls is a spreadsheet; save it as CSV.");
    }

    @Test
    void recordsNothingOfACancelledInspection() {
        activities.instead.put("inspect", () -> {
            WorkflowStub stub = temporal.getWorkflowClient()
                    .newUntypedWorkflowStub(
                            Activity.getExecutionContext().getInfo().getWorkflowId());
            stub.cancel();
            throw new IllegalStateException("try again, and be told that it is cancelled");
        });

        assertThatThrownBy(() -> inspection().run(inspectionSpec())).isInstanceOf(WorkflowFailedException.class);

        assertThat(activities.calls).containsExactly("inspect");
    }

    private void preview() {
        var version = new DatasetVersionRef(UUID.randomUUID(), UUID.randomUUID(), UUID.randomUUID());
        temporal.getWorkflowClient()
                .newWorkflowStub(
                        AugmentationPreviewWorkflow.class,
                        WorkflowOptions.newBuilder()
                                .setTaskQueue(TaskQueues.CONTROL_PLANE)
                                .build())
                .run(new AugmentationPreviewSpec(
                        version, "image-classification", "report.json", Map.of(), 4, 6, 1, "abc"));
    }

    @Test
    void drawsAPreviewAgainWhereItFailedOnce() {
        var first = new AtomicBoolean(true);
        activities.instead.put("preview abc", () -> {
            if (first.getAndSet(false)) {
                throw new IllegalStateException("The store is away.");
            }
        });

        preview();

        assertThat(activities.calls).containsExactly("preview abc", "preview abc");
    }

    @Test
    void givesUpAPreviewThatNobodyWaitsForAnyMore() {
        activities.instead.put("preview abc", () -> {
            throw new IllegalStateException("The store is away.");
        });

        assertThatThrownBy(this::preview).isInstanceOf(WorkflowFailedException.class);

        assertThat(activities.calls).hasSize(3);
    }
}
