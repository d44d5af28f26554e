/**
 * Images from outside, decoded: what a file may be and how large, and how pixels become a model's input size. Nothing here
 * trusts a file: sizes are read before pixels, and what cannot be read is an {@link UnreadableImageException} with a reason
 * in the user's words.
 */
@NullMarked
package io.espalier.modelkit.image;

import org.jspecify.annotations.NullMarked;
