package io.espalier.controlplane.training.workflow;

import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.FailureTypes;
import io.espalier.contracts.job.TaskQueues;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import java.time.Duration;

/**
 * How long each kind of activity may take and how often it is tried.
 *
 * <p>No activity of a job has a limit on how long it waits for a worker: a job in the queue waits as long as it must, and attempts
 * are counted only when a worker takes them. A cancelled activity of a worker is waited for, so that nothing writes any
 * more when the saga cleans up behind it.
 */
final class ActivityPolicies {
    /**
     * How long a worker may be silent before its activity is given to another. Workers heartbeat every few seconds, so this
     * survives a long garbage collection and still finds a killed worker within half a minute.
     */
    private static final Duration HEARTBEAT_TIMEOUT = Duration.ofSeconds(30);

    /** One attempt at reading, splitting, exporting or evaluating: minutes for the largest upload; the limit is for what hangs. */
    private static final Duration DATA_ATTEMPT = Duration.ofHours(6);

    /** One attempt at fetching weights and reading them. */
    private static final Duration IMPORT_ATTEMPT = Duration.ofHours(2);

    private static final int IMPORT_ATTEMPTS = 12;

    /** One attempt at training. Hours on a processor are usual; a lost worker is found by its heartbeat long before. */
    private static final Duration TRAINING_ATTEMPT = Duration.ofDays(7);

    /** One attempt at a database transaction, the wait for a connection included. */
    private static final Duration RECORD_ATTEMPT = Duration.ofSeconds(30);

    /**
     * Enough for every restart and outage that an installation sees while a job runs (some 40 minutes of an object store
     * that is down), and an end for input that kills its worker every time.
     */
    private static final int MAXIMUM_ATTEMPTS = 50;

    /** All attempts at a preview, which takes a second where a worker is free. */
    private static final Duration PREVIEW = Duration.ofSeconds(55);

    private static final int PREVIEW_ATTEMPTS = 3;

    private ActivityPolicies() {}

    static ActivityOptions data() {
        return ActivityOptions.newBuilder()
                .setTaskQueue(TaskQueues.DATA)
                .setStartToCloseTimeout(DATA_ATTEMPT)
                .setHeartbeatTimeout(HEARTBEAT_TIMEOUT)
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                .setRetryOptions(retries().setMaximumAttempts(MAXIMUM_ATTEMPTS).build())
                .build();
    }

    /** Tried some ten minutes: a hub that is away must not hold a worker up for longer, and the user can ask again. */
    static ActivityOptions imports() {
        return ActivityOptions.newBuilder(data())
                .setStartToCloseTimeout(IMPORT_ATTEMPT)
                .setRetryOptions(retries().setMaximumAttempts(IMPORT_ATTEMPTS).build())
                .build();
    }

    static ActivityOptions training(Accelerator accelerator) {
        return ActivityOptions.newBuilder()
                .setTaskQueue(TaskQueues.training(accelerator))
                .setStartToCloseTimeout(TRAINING_ATTEMPT)
                .setHeartbeatTimeout(HEARTBEAT_TIMEOUT)
                .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
                .setRetryOptions(retries().setMaximumAttempts(MAXIMUM_ATTEMPTS).build())
                .build();
    }

    /**
     * For somebody who waits: unlike all others it is of no use after a minute, the wait for a worker included.
     */
    static ActivityOptions preview() {
        return ActivityOptions.newBuilder()
                .setTaskQueue(TaskQueues.DATA)
                .setScheduleToCloseTimeout(PREVIEW)
                .setHeartbeatTimeout(HEARTBEAT_TIMEOUT)
                .setRetryOptions(retries().setMaximumAttempts(PREVIEW_ATTEMPTS).build())
                .build();
    }

    /**
     * Tried for as long as it takes: what happened has to be written down, however long the database is away. A cancellation
     * does not reach a transaction, and asking would be a danger: the embedded server never gets over the request to cancel
     * an activity that completes at the same moment.
     */
    static ActivityOptions record() {
        return ActivityOptions.newBuilder()
                .setTaskQueue(TaskQueues.CONTROL_PLANE)
                .setStartToCloseTimeout(RECORD_ATTEMPT)
                .setCancellationType(ActivityCancellationType.ABANDON)
                .setRetryOptions(
                        retries().setMaximumInterval(Duration.ofSeconds(10)).build())
                .build();
    }

    /** Waits 1, 2, 4 … seconds between attempts, a minute at most. */
    private static RetryOptions.Builder retries() {
        return RetryOptions.newBuilder()
                .setInitialInterval(Duration.ofSeconds(1))
                .setBackoffCoefficient(2)
                .setMaximumInterval(Duration.ofMinutes(1))
                .setDoNotRetry(FailureTypes.NOT_RETRYABLE.toArray(String[]::new));
    }
}
