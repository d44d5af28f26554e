/** Predictions over HTTP, for gateways that know the service credential. */
@NullMarked
package io.espalier.inference.predict;

import org.jspecify.annotations.NullMarked;
