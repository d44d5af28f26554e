/**
 * The chain of whatever an API key opens, predictions and events: authenticate, limit, route, proxy. No body is read before its caller
 * is known.
 */
@NullMarked
package io.espalier.gateway.prediction;

import org.jspecify.annotations.NullMarked;
