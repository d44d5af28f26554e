/**
 * What a model is at serving time. The training worker evaluates with this code and the inference worker serves with it, so
 * that the number in the registry is measured on what answers. No libtorch, no HTTP, no object store.
 */
@NullMarked
package io.espalier.modelkit;

import org.jspecify.annotations.NullMarked;
