/** The training half of {@code text-classification}: the encoder's program, its batches and defaults, and its exporter. */
@NullMarked
package io.espalier.training.task.textclassification;

import org.jspecify.annotations.NullMarked;
