/**
 * A tenant's files: what they are, all that is wrong with them, and the splits that a training reads. One scan serves the
 * report and the preparation, so a job leaves out exactly what the report said.
 */
@NullMarked
package io.espalier.training.data;

import org.jspecify.annotations.NullMarked;
