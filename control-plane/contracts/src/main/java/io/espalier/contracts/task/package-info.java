/**
 * What a task is to the outside: its columns, its hyperparameters with their ranges, its metrics, and the shape of its
 * requests and responses. How it transforms, trains and predicts lives in model-kit and in the training worker.
 */
@NullMarked
package io.espalier.contracts.task;

import org.jspecify.annotations.NullMarked;
