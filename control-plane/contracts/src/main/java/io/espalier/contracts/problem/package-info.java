/** How every process says what went wrong: one enum of problem types (RFC 9457) and the exception that carries one. */
@NullMarked
package io.espalier.contracts.problem;

import org.jspecify.annotations.NullMarked;
