/** The serving half of {@code text-classification}: tokens in, one label's probabilities out. */
@NullMarked
package io.espalier.modelkit.task.textclassification;

import org.jspecify.annotations.NullMarked;
