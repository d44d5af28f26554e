package io.espalier.training.task;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a training reads, on this machine.
 *
 * @param train and validation: JSON Lines, {@code {"input": …, "label": "…"}}
 * @param labels in the order of the model's outputs
 * @param baseModel folder; null for tasks without one
 */
public record TrainingFiles(
        Path train,
        Path validation,
        List<String> labels,
        @Nullable Path baseModel) {}
