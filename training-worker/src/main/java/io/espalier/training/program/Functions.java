package io.espalier.training.program;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.util.List;

/**
 * A program that keeps nothing: functions of tensors, without gradients. Tensors lie in native memory until they are closed, or
 * this is. For one thread at a time.
 */
public final class Functions implements AutoCloseable {
    private final NDManager manager;
    private final TorchScript script;

    private Functions(NDManager manager, TorchScript script) {
        this.manager = manager;
        this.script = script;
    }

    /** A tensor in native memory. */
    public static final class Handle implements AutoCloseable {
        private final PtNDArray array;

        private Handle(PtNDArray array) {
            this.array = array;
        }

        /** A copy; of a tensor of floats. */
        public Tensor copy() {
            return new Tensor(array.getShape().getShape(), array.toFloatArray());
        }

        @Override
        public void close() {
            array.close();
        }
    }

    public static Functions load(Program program, Device device) throws IOException {
        NDManager manager = Engine.getEngine("PyTorch").newBaseManager(device);
        try {
            return new Functions(manager, TorchScript.load(program, manager));
        } catch (IOException | RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    public Handle floats(float[] values, long... shape) {
        return new Handle((PtNDArray) manager.create(values, new Shape(shape)));
    }

    public Handle ints(int[] values, long... shape) {
        return new Handle((PtNDArray) manager.create(values, new Shape(shape)));
    }

    /** Independent draws of the normal distribution; the same seed gives the same. */
    public Handle normal(double deviation, long seed, long... shape) {
        JniUtils.setSeed(seed);
        return new Handle((PtNDArray) manager.randomNormal(0, (float) deviation, new Shape(shape), DataType.FLOAT32));
    }

    /**
     * Calls a function that returns one tensor.
     *
     * @param arguments {@link Handle}, a list of them, {@link Double} or {@link Integer}; they stay the caller's
     * @return the caller's, to be closed
     */
    public Handle call(String function, Object... arguments) {
        IValue[] values = new IValue[arguments.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (arguments[i]) {
                case Handle handle -> IValue.from(handle.array);
                case List<?> handles ->
                    IValue.listFrom(handles.stream()
                            .map(handle -> ((Handle) handle).array)
                            .toArray(PtNDArray[]::new));
                case Double number -> IValue.from(number);
                case Integer number -> IValue.from((long) number);
                default -> throw new IllegalArgumentException("A function cannot take a " + arguments[i].getClass());
            };
        }
        return new Handle(script.call(function, false, manager, values));
    }

    @Override
    public void close() {
        script.close();
        manager.close();
    }
}
