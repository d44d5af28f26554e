package io.espalier.training.export;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.espalier.training.export.Int8.Range;
import java.io.IOException;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the range of what enters each linear layer of a {@link BertClassifier}, by running it on training examples. */
public final class Calibration {
    private Calibration() {}

    /**
     * Runs one example at a time: padding would count as if it were text.
     *
     * @param tokens of the examples, one at least; a few hundred tell as much as all
     */
    public static Int8 of(BertClassifier network, List<long[]> tokens) throws IOException {
        Path file = Files.createTempFile("espalier-calibration-", ".onnx");
        try {
            Calibrating arithmetic = new Calibrating();
            network.graph(arithmetic).write(file);
            return new Int8(ranges(file, arithmetic.layers(), tokens));
        } catch (OrtException e) {
            throw new IllegalStateException("The calibration failed: " + e.getMessage(), e);
        } finally {
            Files.delete(file);
        }
    }

    private static Map<String, Range> ranges(Path file, List<String> layers, List<long[]> tokens) throws OrtException {
        Set<String> outputs = new HashSet<>();
        for (String layer : layers) {
            outputs.add(Calibrating.least(layer));
            outputs.add(Calibrating.greatest(layer));
        }
        Map<String, Range> ranges = new HashMap<>();
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (var options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setMemoryPatternOptimization(false);
            try (OrtSession session = environment.createSession(file.toString(), options)) {
                for (long[] example : tokens) {
                    run(environment, session, example, outputs, layers, ranges);
                }
            }
        }
        return ranges;
    }

    private static void run(
            OrtEnvironment environment,
            OrtSession session,
            long[] tokens,
            Set<String> outputs,
            List<String> layers,
            Map<String, Range> ranges)
            throws OrtException {
        long[] shape = {1, tokens.length};
        long[] mask = new long[tokens.length];
        Arrays.fill(mask, 1);
        try (var ids = OnnxTensor.createTensor(environment, LongBuffer.wrap(tokens), shape);
                var ones = OnnxTensor.createTensor(environment, LongBuffer.wrap(mask), shape);
                var result = session.run(
                        Map.of(BertClassifier.INPUT_IDS, ids, BertClassifier.ATTENTION_MASK, ones), outputs)) {
            for (String layer : layers) {
                ranges.merge(
                        layer,
                        new Range(
                                scalar(result, Calibrating.least(layer)),
                                scalar(result, Calibrating.greatest(layer))),
                        Range::and);
            }
        }
    }

    private static float scalar(OrtSession.Result result, String output) {
        return ((OnnxTensor) result.get(output).orElseThrow()).getFloatBuffer().get(0);
    }
}
