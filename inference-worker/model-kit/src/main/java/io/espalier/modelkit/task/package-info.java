/** The seam of a task's serving half: how rows become examples, requests become inputs, and inputs become answers. */
@NullMarked
package io.espalier.modelkit.task;

import org.jspecify.annotations.NullMarked;
