/** The newest route table: followed from the control plane, kept on disk, and indexed for look-ups. */
@NullMarked
package io.espalier.gateway.route;

import org.jspecify.annotations.NullMarked;
