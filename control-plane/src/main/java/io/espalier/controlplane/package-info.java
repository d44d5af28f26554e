/** The control plane: what teams do over REST, what is recorded of it, and who may. Packages by feature; see RATIONALE.md. */
@NullMarked
package io.espalier.controlplane;

import org.jspecify.annotations.NullMarked;
