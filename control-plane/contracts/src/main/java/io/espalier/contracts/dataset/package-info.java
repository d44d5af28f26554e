/** A dataset version on its way from uploaded files to splits: its parts, the meaning of its columns, and the report on it. */
@NullMarked
package io.espalier.contracts.dataset;

import org.jspecify.annotations.NullMarked;
