package io.espalier.modelkit.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * An ONNX graph, loaded. {@link #run} is thread-safe; {@link #close} must wait until nothing runs. Weights and scratch lie
 * in native memory and are given back by {@code close}.
 */
public final class OnnxModel implements AutoCloseable {
    private static final OrtEnvironment ENVIRONMENT =
            OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_WARNING, "espalier");

    private final OrtSession session;
    /** With more threads; the same as {@link #session} where there is one only. */
    private final OrtSession alone;

    private final Set<String> inputs;

    private OnnxModel(OrtSession session, OrtSession alone) {
        this.session = session;
        this.alone = alone;
        this.inputs = Set.copyOf(session.getInputNames());
    }

    /**
     * Loads a graph.
     *
     * @param threads of {@link #runAlone}, the caller's included; above one the graph is loaded twice and takes twice the
     *     memory, because ONNX Runtime ties threads to a session
     */
    public static OnnxModel open(Path file, int threads) {
        try {
            OrtSession session = session(file, 1);
            try {
                return new OnnxModel(session, threads > 1 ? session(file, threads) : session);
            } catch (OrtException e) {
                session.close();
                throw e;
            }
        } catch (OrtException e) {
            throw new IllegalStateException(
                    "ONNX Runtime cannot load " + file.getFileName() + ": " + e.getMessage(), e);
        }
    }

    private static OrtSession session(Path file, int threads) throws OrtException {
        try (var options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            // A pattern is kept for every input shape ever seen: with free lengths, memory would only grow.
            options.setMemoryPatternOptimization(false);
            // Threads that wait asleep wake too late for operators of microseconds; they stop spinning with the run.
            options.addConfigEntry("session.intra_op.allow_spinning", "1");
            options.addConfigEntry("session.force_spinning_stop", "1");
            // On the CPU the fused operator takes seven times as long as what it replaces.
            options.addConfigEntry("optimization.disable_specified_optimizers", "SkipLayerNormFusion");
            return ENVIRONMENT.createSession(file.toString(), options);
        }
    }

    /** The names that the graph takes; those that it does not take may be left out of a {@link Feed}. */
    public Set<String> inputs() {
        return inputs;
    }

    /**
     * Runs the graph on the caller's thread.
     *
     * @param feed stays the caller's, to be closed after
     * @param output name of a float tensor [rows, columns]
     * @return a copy, row by row
     */
    public float[][] run(Feed feed, String output) {
        return run(session, feed, output);
    }

    /** As {@link #run}, with the same values, on as many threads as the graph was opened for: for a machine at leisure. */
    public float[][] runAlone(Feed feed, String output) {
        return run(alone, feed, output);
    }

    /** As {@link #run}, into the memory that the feed has for the graph's outputs. */
    public void fill(Feed feed) {
        try (var _ = session.run(feed.tensors, Set.of(), feed.results)) {
            // Nothing is to be copied.
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    private static IllegalStateException failed(OrtException e) {
        return new IllegalStateException("ONNX Runtime could not run the model: " + e.getMessage(), e);
    }

    private static float[][] run(OrtSession session, Feed feed, String output) {
        try (var result = session.run(feed.tensors, Set.of(output))) {
            var tensor = (OnnxTensor) result.get(0);
            long[] shape = tensor.getInfo().getShape();
            FloatBuffer values = tensor.getFloatBuffer();
            float[][] rows = new float[(int) shape[0]][(int) shape[1]];
            for (float[] row : rows) {
                values.get(row);
            }
            return rows;
        } catch (OrtException e) {
            throw failed(e);
        }
    }

    /** @return the last dimension of an output, -1 where the graph leaves it open */
    public long width(String output) {
        try {
            NodeInfo info = session.getOutputInfo().get(output);
            if (info == null || !(info.getInfo() instanceof TensorInfo tensor)) {
                throw new IllegalStateException("The graph has no output tensor " + output + ".");
            }
            long[] shape = tensor.getShape();
            return shape[shape.length - 1];
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        try {
            session.close();
            if (!alone.equals(session)) {
                alone.close();
            }
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * The inputs of one run, in native memory that ONNX Runtime reads in place. For one thread; closing frees the memory at
     * once, without the garbage collector.
     */
    public static final class Feed implements AutoCloseable {
        private final Arena arena = Arena.ofConfined();
        private final Map<String, OnnxTensor> tensors = new HashMap<>();
        private final Map<String, OnnxTensor> results = new HashMap<>();

        /** @return the tensor's memory, all zero, to be filled before the run */
        public LongBuffer longs(String input, long... shape) {
            LongBuffer values = arena.allocate(ValueLayout.JAVA_LONG, elements(shape))
                    .asByteBuffer()
                    .order(java.nio.ByteOrder.nativeOrder())
                    .asLongBuffer();
            try {
                put(input, OnnxTensor.createTensor(ENVIRONMENT, values, shape));
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
            return values;
        }

        /** @return the tensor's memory, all zero, to be filled before the run */
        public FloatBuffer floats(String input, long... shape) {
            return floats(tensors, input, shape);
        }

        /** @return memory that {@link OnnxModel#fill} writes an output to, until the feed is closed */
        public FloatBuffer result(String output, long... shape) {
            return floats(results, output, shape);
        }

        private FloatBuffer floats(Map<String, OnnxTensor> to, String name, long... shape) {
            FloatBuffer values = arena.allocate(ValueLayout.JAVA_FLOAT, elements(shape))
                    .asByteBuffer()
                    .order(java.nio.ByteOrder.nativeOrder())
                    .asFloatBuffer();
            try {
                to.put(name, OnnxTensor.createTensor(ENVIRONMENT, values, shape));
            } catch (OrtException e) {
                throw new IllegalStateException(e);
            }
            return values;
        }

        private void put(String input, OnnxTensor tensor) {
            tensors.put(input, tensor);
        }

        private static long elements(long[] shape) {
            long elements = 1;
            for (long dimension : shape) {
                elements *= dimension;
            }
            return elements;
        }

        @Override
        public void close() {
            tensors.values().forEach(OnnxTensor::close);
            results.values().forEach(OnnxTensor::close);
            arena.close();
        }
    }
}
