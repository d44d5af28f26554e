package io.espalier.training.weights;

/** A tensor whose values may be read only when they are wanted: each call of {@link #values} may read them again. */
public interface TensorSource {
    /** Empty for a scalar; no dimension is negative. */
    long[] shape();

    /** In row-major order; nobody may write to them. */
    float[] values();

    /** With its values, which outlast where they were read from. */
    default Tensor read() {
        return new Tensor(shape(), values());
    }

    default long elements() {
        return Tensor.elements(shape());
    }
}
