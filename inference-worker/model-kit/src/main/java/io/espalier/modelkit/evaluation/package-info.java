/** Measures a bundle on a split, through the predictor that serves it. */
@NullMarked
package io.espalier.modelkit.evaluation;

import org.jspecify.annotations.NullMarked;
