/** The servers that a real deployment brings itself, each a process of its own: PostgreSQL, Temporal and an S3 store. */
@NullMarked
package io.espalier.standalone.server;

import org.jspecify.annotations.NullMarked;
