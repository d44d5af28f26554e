/**
 * The training half of {@code tabular-classification}: its network's program, its batches and defaults, and its exporter.
 *
 * <p>A trained model holds {@code embeddings.{i}.weight} [indices, width], one a categorical column in the transform's order;
 * {@code hidden.0.weight} [units, numbers + widths], {@code hidden.1.weight} [units, units], {@code output.weight}
 * [labels, units], and a {@code .bias} each. Rectified linear units follow the hidden layers. The first layer's input is the
 * numbers, then the embeddings in their order.
 */
@NullMarked
package io.espalier.training.task.tabularclassification;

import org.jspecify.annotations.NullMarked;
