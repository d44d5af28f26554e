/** The main job as a user does it, over HTTP and through the public origin only. Shares no code with the control plane. */
@NullMarked
package io.espalier.standalone.demo;

import org.jspecify.annotations.NullMarked;
