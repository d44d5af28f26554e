package io.espalier.training.program;

import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValue;
import ai.djl.pytorch.jni.JniUtils;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A loaded module without weights of its own. Not thread-safe. Calls go to libtorch's method call past {@code PtSymbolBlock},
 * which knows tensors as arguments but neither numbers nor lists of lists, and no gradients.
 */
final class TorchScript implements AutoCloseable {
    private static final MethodHandle RUN_METHOD;
    private static final MethodHandle NEW_VALUE;

    static {
        try {
            Class<?> library = Class.forName("ai.djl.pytorch.jni.PyTorchLibrary");
            Field instance = accessible(library.getDeclaredField("LIB"));
            Method run = accessible(library.getDeclaredMethod(
                    "moduleRunMethod", long.class, String.class, long[].class, boolean.class, boolean.class));
            Constructor<IValue> value = accessible(IValue.class.getDeclaredConstructor(long.class));
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            RUN_METHOD = lookup.unreflect(run)
                    .bindTo(instance.get(null))
                    .asType(MethodType.methodType(
                            long.class, long.class, String.class, long[].class, boolean.class, boolean.class));
            NEW_VALUE = lookup.unreflectConstructor(value);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This version of DJL's PyTorch engine is not the one expected", e);
        }
    }

    private final PtSymbolBlock module;

    private TorchScript(PtSymbolBlock module) {
        this.module = module;
    }

    static TorchScript load(Program program, NDManager manager) throws IOException {
        Path archive = Files.createTempFile("program-", ".pt");
        try {
            ScriptArchive.write(program, archive);
            // Its first runs would be slow, for every new shape again, and it rewrites gradients.
            JniUtils.setGraphExecutorOptimize(false);
            return new TorchScript(
                    JniUtils.loadModule((PtNDManager) manager, archive, true, new String[0], new String[0], true));
        } finally {
            Files.deleteIfExists(archive);
        }
    }

    /**
     * Calls a method that returns one tensor.
     *
     * @param gradients whether operations on tensors that require gradients are recorded
     * @param arguments closed here
     * @return attached to the manager
     */
    PtNDArray call(String method, boolean gradients, NDManager manager, IValue... arguments) {
        try {
            long[] handles = new long[arguments.length];
            for (int i = 0; i < handles.length; i++) {
                handles[i] = arguments[i].getHandle();
            }
            // Of this thread, and on by default.
            JniUtils.setGradMode(gradients);
            long result = (long) RUN_METHOD.invokeExact((long) module.getHandle(), method, handles, true, false);
            try (IValue value = (IValue) NEW_VALUE.invokeExact(result)) {
                return value.toTensor((PtNDManager) manager);
            }
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        } finally {
            for (IValue argument : arguments) {
                argument.close();
            }
        }
    }

    @Override
    public void close() {
        module.close();
    }

    private static <T extends AccessibleObject> T accessible(T member) {
        member.setAccessible(true);
        return member;
    }
}
