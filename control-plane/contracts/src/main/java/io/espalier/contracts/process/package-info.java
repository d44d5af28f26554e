/** What every process has in common: where its settings come from. */
@NullMarked
package io.espalier.contracts.process;

import org.jspecify.annotations.NullMarked;
