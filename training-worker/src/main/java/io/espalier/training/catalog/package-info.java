/** The base models that the platform brings: what they are, and how they get from the class path into the object store. */
@NullMarked
package io.espalier.training.catalog;

import org.jspecify.annotations.NullMarked;
