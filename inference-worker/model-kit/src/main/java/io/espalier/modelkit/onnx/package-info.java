/** ONNX Runtime: one environment for the process, and sessions set up for many small predictions on few cores. */
@NullMarked
package io.espalier.modelkit.onnx;

import org.jspecify.annotations.NullMarked;
