/** Which models are in memory: bundles cached on disk by hash, loaded off the request path, evicted when memory is short. */
@NullMarked
package io.espalier.inference.pool;

import org.jspecify.annotations.NullMarked;
