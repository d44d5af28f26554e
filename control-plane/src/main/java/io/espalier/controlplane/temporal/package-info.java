/**
 * How this process reaches Temporal: the client, the start and cancellation of workflows by their deterministic ids, and the
 * cure for the embedded server's sticky queues. What workflows do is in {@code training.workflow}.
 */
@NullMarked
package io.espalier.controlplane.temporal;

import org.jspecify.annotations.NullMarked;
