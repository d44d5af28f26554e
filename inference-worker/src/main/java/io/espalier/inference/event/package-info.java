/** What happens to products while they serve: asked of the control plane, and kept in memory beside the models. */
@NullMarked
package io.espalier.inference.event;

import org.jspecify.annotations.NullMarked;
