/** Weights at rest: safetensors files and ONNX graphs, read into named tensors. Nothing here runs a model or unpickles. */
@NullMarked
package io.espalier.training.weights;

import org.jspecify.annotations.NullMarked;
