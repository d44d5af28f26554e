/**
 * A training job as the processes tell each other about it: the workflow's interfaces, the activities on either side, and
 * what they hand over. Payloads are references to objects in the store, never data.
 */
@NullMarked
package io.espalier.contracts.job;

import org.jspecify.annotations.NullMarked;
