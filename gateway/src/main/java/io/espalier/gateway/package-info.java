/** The public origin: the list of public routes, and the server that serves them and nothing else. */
@NullMarked
package io.espalier.gateway;

import org.jspecify.annotations.NullMarked;
