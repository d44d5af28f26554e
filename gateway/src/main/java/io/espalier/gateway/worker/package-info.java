/** The inference workers as this gateway sees them: who has which bundle ready, who is healthy, and who is least busy. */
@NullMarked
package io.espalier.gateway.worker;

import org.jspecify.annotations.NullMarked;
