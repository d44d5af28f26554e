/** TorchScript programs, written as readable resources: packed, loaded and called. The only package that talks to libtorch. */
@NullMarked
package io.espalier.training.program;

import org.jspecify.annotations.NullMarked;
