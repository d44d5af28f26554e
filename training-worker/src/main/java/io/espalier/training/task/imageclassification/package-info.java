/**
 * The training half of {@code image-classification}: its network's program, its pictures and how they are changed, its defaults,
 * and its exporter.
 *
 * <p>A trained model holds {@code layers.{i}.conv.weight} [out, in, 3, 3] and {@code layers.{i}.norm} with {@code .weight},
 * {@code .bias}, {@code .running_mean} and {@code .running_var} for each of the eight layers, and {@code head.weight}
 * [labels, channels] and {@code head.bias}.
 */
@NullMarked
package io.espalier.training.task.imageclassification;

import org.jspecify.annotations.NullMarked;
