/**
 * Trained weights become ONNX graphs: one description of each network, written in the arithmetic of a precision. Says
 * nothing about tasks, bundles or the object store.
 */
@NullMarked
package io.espalier.training.export;

import org.jspecify.annotations.NullMarked;
