/** The serving half of {@code image-classification}: an image in, one label's probabilities out. */
@NullMarked
package io.espalier.modelkit.task.imageclassification;

import org.jspecify.annotations.NullMarked;
