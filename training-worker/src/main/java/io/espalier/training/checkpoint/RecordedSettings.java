package io.espalier.training.checkpoint;

import io.espalier.training.task.Precision;

/**
 * What changes the arithmetic of a training but not its meaning: set by a job's first attempt on the machine that it runs on,
 * and used again by every later one, wherever that runs, so that it ends with the same weights.
 */
public record RecordedSettings(Precision precision, int threads, long seed) {}
