/** The task {@code image-classification} as the outside sees it. */
@NullMarked
package io.espalier.contracts.task.imageclassification;

import org.jspecify.annotations.NullMarked;
