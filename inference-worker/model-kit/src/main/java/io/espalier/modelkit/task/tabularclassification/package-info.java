/** The serving half of {@code tabular-classification}: a row of numbers and categories in, one label's probabilities out. */
@NullMarked
package io.espalier.modelkit.task.tabularclassification;

import org.jspecify.annotations.NullMarked;
