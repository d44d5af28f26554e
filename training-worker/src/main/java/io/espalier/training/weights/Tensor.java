package io.espalier.training.weights;

import java.util.Arrays;

/**
 * Numbers in row-major order. The arrays are shared, not copied, because weights are large: whoever made a tensor must not
 * write to them any more, and whoever reads one must not either.
 *
 * @param shape empty for a scalar; no dimension is negative
 */
public record Tensor(long[] shape, float[] values) implements TensorSource {
    public Tensor {
        if (elements(shape) != values.length) {
            throw new IllegalArgumentException("A tensor of the shape %s does not hold %d values."
                    .formatted(Arrays.toString(shape), values.length));
        }
    }

    public static Tensor of(float[] values, long... shape) {
        return new Tensor(shape, values);
    }

    /** The size of one dimension; a negative one counts from the last, -1. */
    public int dimension(int index) {
        return Math.toIntExact(shape[index < 0 ? shape.length + index : index]);
    }

    /** The transpose of a matrix. */
    public Tensor transposed() {
        if (shape.length != 2) {
            throw new IllegalArgumentException("Only a matrix can be transposed, not " + Arrays.toString(shape));
        }
        int rows = dimension(0);
        int columns = dimension(1);
        float[] transposed = new float[values.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                transposed[column * rows + row] = values[row * columns + column];
            }
        }
        return of(transposed, columns, rows);
    }

    /** @throws ArithmeticException where the product does not fit a long */
    static long elements(long[] shape) {
        long elements = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("A dimension is negative: " + Arrays.toString(shape));
            }
            elements = Math.multiplyExact(elements, dimension);
        }
        return elements;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tensor tensor
                && Arrays.equals(shape, tensor.shape)
                && Arrays.equals(values, tensor.values);
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(shape) + Arrays.hashCode(values);
    }

    @Override
    public String toString() {
        return "Tensor" + Arrays.toString(shape);
    }
}
