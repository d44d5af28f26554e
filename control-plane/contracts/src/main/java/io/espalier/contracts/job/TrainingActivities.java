package io.espalier.contracts.job;

import io.temporal.activity.ActivityInterface;

/** The training itself, on {@link TaskQueues#training}. */
@ActivityInterface
public interface TrainingActivities {
    /**
     * Trains in a process of its own and returns the best checkpoint. Heartbeats the newest complete checkpoint: a retry
     * goes on from there, with the precision, threads and seed of the first attempt, to the same weights.
     */
    TrainedModel train(TrainingJobSpec spec, PreparedData data);
}
