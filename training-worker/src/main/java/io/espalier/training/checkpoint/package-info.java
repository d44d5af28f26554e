/** What a training needs to go on after it was interrupted, as files in a folder and as objects in the store. */
@NullMarked
package io.espalier.training.checkpoint;

import org.jspecify.annotations.NullMarked;
