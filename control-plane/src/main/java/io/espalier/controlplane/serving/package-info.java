/** Which model version answers for a product, and what gateways and inference workers are told of it. */
@NullMarked
package io.espalier.controlplane.serving;

import org.jspecify.annotations.NullMarked;
