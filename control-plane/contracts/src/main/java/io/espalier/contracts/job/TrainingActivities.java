package io.espalier.contracts.job;

import io.temporal.activity.ActivityInterface;

/** The training itself, on {@link TaskQueues#training}. */
@ActivityInterface
public interface TrainingActivities {
    /**
     * Trains in a process of its own and returns the best checkpoint. The heartbeat carries nothing: a retry looks in the
     * object store for the newest complete checkpoint of any attempt and goes on from there, with the precision, threads and
     * seed of the first attempt, to the same weights.
     */
    TrainedModel train(TrainingJobSpec spec, PreparedData data);
}
