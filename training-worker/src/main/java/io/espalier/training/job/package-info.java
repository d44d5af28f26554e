/** The activities of a training worker: thin, each hands over to the package that does the work. */
@NullMarked
package io.espalier.training.job;

import org.jspecify.annotations.NullMarked;
