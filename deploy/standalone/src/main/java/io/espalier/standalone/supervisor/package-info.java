/** Keeps processes running: starts, probes, measures, restarts and stops them. Knows nothing about what they do. */
@NullMarked
package io.espalier.standalone.supervisor;

import org.jspecify.annotations.NullMarked;
