/** Hyperparameters: what the user chose, and defaults for what is left open. */
@NullMarked
package io.espalier.training.tune;

import org.jspecify.annotations.NullMarked;
