/** What operators ask a worker: whether it lives, whether it may get requests, and how it is doing. */
@NullMarked
package io.espalier.inference.health;

import org.jspecify.annotations.NullMarked;
