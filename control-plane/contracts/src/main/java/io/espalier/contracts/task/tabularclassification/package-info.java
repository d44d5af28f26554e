/** The task {@code tabular-classification} as the outside sees it. */
@NullMarked
package io.espalier.contracts.task.tabularclassification;

import org.jspecify.annotations.NullMarked;
