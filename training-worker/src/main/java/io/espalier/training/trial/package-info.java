/** A training as a process of its own: what goes in, what it says while it runs, how it ends, and who starts it. */
@NullMarked
package io.espalier.training.trial;

import org.jspecify.annotations.NullMarked;
