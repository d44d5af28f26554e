/**
 * The sagas: what happens to a training job, to a dataset version and to a preview, in which order, and what is undone when a step fails.
 * Deterministic code that Temporal replays: no Spring, no clock, no input or output but through activities.
 */
@NullMarked
package io.espalier.controlplane.training.workflow;

import org.jspecify.annotations.NullMarked;
