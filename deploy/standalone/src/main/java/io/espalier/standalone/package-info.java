/** Starts a whole installation on one machine: its data directory, its ports and secrets, and which processes it consists of. */
@NullMarked
package io.espalier.standalone;

import org.jspecify.annotations.NullMarked;
