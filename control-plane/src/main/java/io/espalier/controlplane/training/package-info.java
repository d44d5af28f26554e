/**
 * Training jobs, what happens to them, the model versions that they make, and previews of what a training would see. The order of a job's steps is in
 * {@code training.workflow}; what a worker does in a step is in another process.
 */
@NullMarked
package io.espalier.controlplane.training;

import org.jspecify.annotations.NullMarked;
