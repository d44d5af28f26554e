/** Between requests and models: bounded queues, and threads that make micro-batches of like length out of them. */
@NullMarked
package io.espalier.inference.batch;

import org.jspecify.annotations.NullMarked;
