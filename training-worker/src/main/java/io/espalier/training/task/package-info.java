/** The seam of a task's training half: what the loop needs to know to train it, and how the result becomes a bundle. Nothing here or in the loop knows a particular task. */
@NullMarked
package io.espalier.training.task;

import org.jspecify.annotations.NullMarked;
