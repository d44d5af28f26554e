/** Recommendation, as the control plane, the documentation and the API description see it. */
@NullMarked
package io.espalier.contracts.task.recommendation;

import org.jspecify.annotations.NullMarked;
