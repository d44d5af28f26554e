/** What every request meets, whatever its route: its id, the rules for paths, problem answers, security headers, and the log. */
@NullMarked
package io.espalier.gateway.edge;

import org.jspecify.annotations.NullMarked;
