/** The worker's place among the others: it follows the route table and reports to the control plane. */
@NullMarked
package io.espalier.inference.membership;

import org.jspecify.annotations.NullMarked;
