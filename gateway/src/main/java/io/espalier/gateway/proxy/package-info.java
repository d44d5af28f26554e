/** Streaming to the control plane and to the object store; no body is held here. */
@NullMarked
package io.espalier.gateway.proxy;

import org.jspecify.annotations.NullMarked;
