/**
 * Recommendation: the interactions and their splits, the recipes, how one is chosen, and the model as ONNX. A recipe's model is a
 * function from a list of items to scores of all items, so that users whom no training saw are served like those it did.
 */
@NullMarked
package io.espalier.training.task.recommendation;

import org.jspecify.annotations.NullMarked;
