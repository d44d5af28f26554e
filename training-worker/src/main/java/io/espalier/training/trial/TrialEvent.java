package io.espalier.training.trial;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.espalier.training.task.Precision;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a trial says on its standard output, a line of JSON each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
    @JsonSubTypes.Type(value = TrialEvent.Started.class, name = "started"),
    @JsonSubTypes.Type(value = TrialEvent.Progressed.class, name = "progressed"),
    @JsonSubTypes.Type(value = TrialEvent.Checkpointed.class, name = "checkpointed"),
    @JsonSubTypes.Type(value = TrialEvent.Finished.class, name = "finished"),
    @JsonSubTypes.Type(value = TrialEvent.Failed.class, name = "failed")
})
public sealed interface TrialEvent {
    /** The data are read and the arithmetic is settled; the steps begin. */
    record Started(Precision precision, int epochs, long steps) implements TrialEvent {}

    /**
     * @param message in the user's words
     * @param loss null where there is none
     * @param metrics on the validation split, at an epoch's end; else null
     */
    record Progressed(
            String message,
            int epoch,
            int epochs,
            long step,
            long steps,
            @Nullable Double loss,
            double samplesPerSecond,
            double secondsRemaining,
            @Nullable Map<String, Double> metrics)
            implements TrialEvent {}

    /** A checkpoint is whole. The folder belongs to the reader now, who deletes it. */
    record Checkpointed(long step, Path folder) implements TrialEvent {}

    /**
     * The last event of a trial that did its work: the model is in {@link TrialSpec#model}.
     *
     * @param hyperparameters all that were in force
     * @param epochs done
     * @param samplesPerSecond validation and checkpoints not counted
     */
    record Finished(
            String weightsSha256,
            Map<String, Object> hyperparameters,
            int epochs,
            int bestEpoch,
            double validationMetric,
            double samplesPerSecond,
            double trainingSeconds)
            implements TrialEvent {}

    /**
     * The last event of a trial that cannot do its work, now or ever.
     *
     * @param type one of {@link io.espalier.contracts.job.FailureTypes}
     * @param message in the user's words
     */
    record Failed(String type, String message) implements TrialEvent {}
}
