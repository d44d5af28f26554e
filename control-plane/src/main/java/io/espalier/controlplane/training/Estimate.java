package io.espalier.controlplane.training;

import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.task.TaskDescriptor;
import io.espalier.controlplane.dataset.TrainableVersion;
import java.util.List;
import java.util.Map;

/**
 * How long a job will take, roughly: rows to learn from, times epochs, by samples a second, and what surrounds the training.
 *
 * @param rows that the job will use, all splits
 * @param samplesPerSecond while training
 */
public record Estimate(long rows, double seconds, double samplesPerSecond, Basis basis) {
    /** Preparing, exporting, evaluating and the start of the trial's process. */
    private static final double SURROUNDINGS_SECONDS = 30;

    /** Where the samples a second are from. */
    public enum Basis {
        /** The median of the tenant's newest jobs on the same task and base model. */
        PAST_JOBS,
        /** There are none; a cautious figure. */
        DEFAULT
    }

    static Estimate of(
            TaskDescriptor task,
            TrainableVersion version,
            Map<String, Object> hyperparameters,
            List<TrainedModel> pastTrainings) {
        List<Double> speeds = pastTrainings.stream()
                .map(TrainedModel::samplesPerSecond)
                .filter(speed -> speed > 0)
                .sorted()
                .toList();
        double speed = speeds.isEmpty() ? task.trainingCost().samplesPerSecond() : speeds.get(speeds.size() / 2);
        long rows = version.rows(Split.TRAIN);
        int epochs = hyperparameters.get("epochs") instanceof Number chosen
                ? chosen.intValue()
                : task.trainingCost().epochs().of(rows, version.classes());
        double seconds = SURROUNDINGS_SECONDS + rows * (double) epochs / speed;
        return new Estimate(
                version.rows(),
                Math.round(seconds * 10) / 10.0,
                Math.round(speed * 10) / 10.0,
                speeds.isEmpty() ? Basis.DEFAULT : Basis.PAST_JOBS);
    }
}
