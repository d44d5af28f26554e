/** The task {@code text-classification} as the outside sees it. */
@NullMarked
package io.espalier.contracts.task.textclassification;

import org.jspecify.annotations.NullMarked;
