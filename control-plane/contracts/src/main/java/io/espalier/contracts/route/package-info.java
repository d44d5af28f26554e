/**
 * What the gateway and the inference workers learn from the control plane: keys, deployments, and workers; and what they agree
 * on among themselves about predictions.
 */
@NullMarked
package io.espalier.contracts.route;

import org.jspecify.annotations.NullMarked;
