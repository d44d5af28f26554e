/** How good a classifier is, from true labels and scores; the definitions are scikit-learn's. */
@NullMarked
package io.espalier.modelkit.metric;

import org.jspecify.annotations.NullMarked;
