/**
 * The bundle: one file that holds all that serving a model needs. Writing is deterministic, reading trusts nothing but the
 * hash.
 */
@NullMarked
package io.espalier.modelkit.bundle;

import org.jspecify.annotations.NullMarked;
