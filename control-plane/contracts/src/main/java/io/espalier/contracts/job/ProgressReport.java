package io.espalier.contracts.job;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a job is; sent by the training worker to {@code POST /internal/jobs/{tenant}/{job}/progress}. May be lost or
 * repeated: nothing but display depends on it, the entering of {@link JobState#TRAINING} included.
 *
 * @param attempt of the current activity, from 1
 * @param metrics on the validation split, after an epoch
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ProgressReport(
        JobState state,
        int attempt,
        String message,
        @Nullable Integer epoch,
        @Nullable Integer epochs,
        @Nullable Long step,
        @Nullable Long steps,
        @Nullable Double loss,
        @Nullable Double samplesPerSecond,
        @Nullable Double secondsRemaining,
        @Nullable Map<String, Double> metrics) {

    public static ProgressReport message(JobState state, int attempt, String message) {
        return new ProgressReport(state, attempt, message, null, null, null, null, null, null, null, null);
    }
}
