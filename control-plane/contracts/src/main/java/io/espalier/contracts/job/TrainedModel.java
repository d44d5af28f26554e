package io.espalier.contracts.job;

import java.util.Map;

/**
 * The best checkpoint of a training.
 *
 * @param prefix object key prefix of the weights and the fitted transform, ending in a slash
 * @param weightsSha256 lower-case hex, over the safetensors file
 * @param hyperparameters all that were in force, defaults included
 * @param samplesPerSecond training examples a second, validation and checkpoints not counted
 */
public record TrainedModel(
        String prefix,
        String weightsSha256,
        Map<String, Object> hyperparameters,
        String precision,
        int threads,
        long seed,
        int attempt,
        int epochs,
        int bestEpoch,
        double validationMetric,
        double samplesPerSecond,
        double trainingSeconds) {}
