/** Where objects lie in the store, and what a model bundle says about itself. */
@NullMarked
package io.espalier.contracts.artifact;

import org.jspecify.annotations.NullMarked;
