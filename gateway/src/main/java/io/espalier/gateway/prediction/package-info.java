/** The chain of a prediction: authenticate, limit, route, proxy. No body is read before its caller is known. */
@NullMarked
package io.espalier.gateway.prediction;

import org.jspecify.annotations.NullMarked;
