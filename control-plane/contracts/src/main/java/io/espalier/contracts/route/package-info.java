/** What the gateway and the inference workers learn from the control plane: keys, deployments, and workers. */
@NullMarked
package io.espalier.contracts.route;

import org.jspecify.annotations.NullMarked;
