/** The training loop: data order, schedule, steps, validation, early stopping, best checkpoint. Knows no task and no object store. */
@NullMarked
package io.espalier.training.loop;

import org.jspecify.annotations.NullMarked;
