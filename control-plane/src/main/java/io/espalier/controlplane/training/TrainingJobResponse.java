package io.espalier.controlplane.training;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.espalier.contracts.dataset.Split;
import io.espalier.contracts.job.Accelerator;
import io.espalier.contracts.job.Evaluation;
import io.espalier.contracts.job.GateDecision;
import io.espalier.contracts.job.JobState;
import io.espalier.contracts.job.PreparedData;
import io.espalier.contracts.job.ProgressReport;
import io.espalier.contracts.job.TrainedModel;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A training job as its owner sees it.
 *
 * @param datasetVersion stays after the version was deleted
 * @param retryOf the job that this one repeats
 * @param hyperparameters as chosen; those in force are in {@code trained}
 * @param reason why the job ended as it did
 * @param cancelRequested whether the job ends as soon as its worker has stopped
 * @param queuePosition how many jobs a worker takes first, this one included; 0 where the job does not wait
 * @param timestamps when each state was entered
 * @param progress the newest report of the worker
 * @param rows that the job used, by split
 * @param evaluation its confusion is empty in a list of jobs
 * @param modelVersion the number of the version that the job made, unless that was deleted
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainingJobResponse(
        UUID id,
        UUID product,
        UUID datasetVersion,
        @Nullable UUID retryOf,
        String task,
        @Nullable String baseModel,
        Map<String, Object> hyperparameters,
        Accelerator accelerator,
        JobState state,
        @Nullable String reason,
        boolean cancelRequested,
        int queuePosition,
        Map<JobState, Instant> timestamps,
        @Nullable ProgressReport progress,
        @Nullable Map<Split, Long> rows,
        @Nullable Training trained,
        @Nullable GateDecision gate,
        @Nullable Evaluation evaluation,
        @Nullable Integer modelVersion,
        Instant createdAt,
        @Nullable Instant endedAt) {

    /**
     * How the training went.
     *
     * @param hyperparameters all that were in force, defaults included
     * @param precision that was trained in
     * @param validationMetric the task's primary metric on the validation split, at the best epoch
     */
    public record Training(
            Map<String, Object> hyperparameters,
            String precision,
            long seed,
            int epochs,
            int bestEpoch,
            double validationMetric,
            double samplesPerSecond,
            double trainingSeconds) {
        private static @Nullable Training of(@Nullable TrainedModel model) {
            return model == null
                    ? null
                    : new Training(
                            model.hyperparameters(),
                            model.precision(),
                            model.seed(),
                            model.epochs(),
                            model.bestEpoch(),
                            model.validationMetric(),
                            model.samplesPerSecond(),
                            model.trainingSeconds());
        }
    }

    static TrainingJobResponse of(TrainingJob job, int queuePosition, @Nullable Integer modelVersion) {
        return of(job, queuePosition, modelVersion, job.evaluation());
    }

    /** One of many: without what grows with the square of the classes. */
    static TrainingJobResponse inList(TrainingJob job, int queuePosition, @Nullable Integer modelVersion) {
        Evaluation evaluation = job.evaluation();
        return of(job, queuePosition, modelVersion, evaluation == null ? null : evaluation.withoutConfusion());
    }

    private static TrainingJobResponse of(
            TrainingJob job, int queuePosition, @Nullable Integer modelVersion, @Nullable Evaluation evaluation) {
        PreparedData prepared = job.prepared();
        return new TrainingJobResponse(
                job.id(),
                job.productId(),
                job.spec().datasetVersion(),
                job.retryOf(),
                job.task(),
                job.spec().baseModel(),
                job.spec().hyperparameters(),
                job.accelerator(),
                job.state(),
                job.reason(),
                job.cancelRequested(),
                queuePosition,
                job.stateTimes(),
                job.progress(),
                prepared == null ? null : prepared.rows(),
                Training.of(job.trained()),
                job.gate(),
                evaluation,
                modelVersion,
                job.createdAt(),
                job.endedAt());
    }
}
