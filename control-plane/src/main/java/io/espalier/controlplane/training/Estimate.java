package io.espalier.controlplane.training;

import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.TrainedModel;
import io.espalier.contracts.task.Hyperparameter;
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

    private static final int USUAL_EPOCHS = 3;

    /** Measured on two cores with a six-layer encoder and sentences; a larger machine is faster. */
    private static final double ENCODER_SAMPLES_PER_SECOND = 60;

    /** A small network over a table, on one core. */
    private static final double TABLE_SAMPLES_PER_SECOND = 20_000;

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
        double speed = speeds.isEmpty()
                ? task.baseModel() ? ENCODER_SAMPLES_PER_SECOND : TABLE_SAMPLES_PER_SECOND
                : speeds.get(speeds.size() / 2);
        double seconds =
                SURROUNDINGS_SECONDS + version.rows(Split.TRAIN) * (double) epochs(task, hyperparameters) / speed;
        return new Estimate(
                version.rows(),
                Math.round(seconds * 10) / 10.0,
                Math.round(speed * 10) / 10.0,
                speeds.isEmpty() ? Basis.DEFAULT : Basis.PAST_JOBS);
    }

    private static int epochs(TaskDescriptor task, Map<String, Object> hyperparameters) {
        if (hyperparameters.get("epochs") instanceof Number chosen) {
            return chosen.intValue();
        }
        return task.hyperparameters().stream()
                .filter(hyperparameter -> hyperparameter.name().equals("epochs"))
                .map(Hyperparameter::defaultValue)
                .filter(words -> words.matches("\\d+"))
                .mapToInt(Integer::parseInt)
                .findFirst()
                .orElse(USUAL_EPOCHS);
    }
}
