/** What operators ask a gateway: whether it lives, whether it may get requests, and how it is doing. */
@NullMarked
package io.espalier.gateway.health;

import org.jspecify.annotations.NullMarked;
