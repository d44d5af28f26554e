package io.espalier.training.export;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.export.Int8.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds the range of what enters each linear layer of a {@link BertClassifier}, by running it on training examples. */
public final class Calibration {
    private Calibration() {}

    /** What a batch of long texts takes stays small beside the model. */
    private static final int BATCH = 16;

    /**
     * Runs examples of equal length together: padding would count as if it were text.
     *
     * @param tokens of the examples, one at least; a few hundred tell as much as all
     */
    public static Int8 of(BertClassifier network, List<long[]> tokens) throws IOException {
        Path file = Files.createTempFile("espalier-calibration-", ".onnx");
        try {
            Calibrating arithmetic = new Calibrating();
            OnnxGraph graph = network.graph(arithmetic);
            arithmetic.addRanges(graph);
            graph.write(file);
            try (OnnxModel model = OnnxModel.open(file, 1)) {
                Map<String, Range> ranges = batches(tokens).parallelStream()
                        .map(batch -> ranges(arithmetic.layers(), run(model, batch)))
                        .reduce(Map.of(), Calibration::union);
                return new Int8(ranges);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static List<List<long[]>> batches(List<long[]> tokens) {
        Map<Integer, List<long[]>> byLength = new HashMap<>();
        tokens.forEach(example ->
                byLength.computeIfAbsent(example.length, _ -> new ArrayList<>()).add(example));
        List<List<long[]>> batches = new ArrayList<>();
        for (List<long[]> equallyLong : byLength.values()) {
            for (int from = 0; from < equallyLong.size(); from += BATCH) {
                batches.add(equallyLong.subList(from, Math.min(equallyLong.size(), from + BATCH)));
            }
        }
        return batches;
    }

    private static Map<String, Range> ranges(List<String> layers, float[][] seen) {
        Map<String, Range> ranges = new HashMap<>();
        for (int layer = 0; layer < seen.length; layer++) {
            ranges.put(layers.get(layer), new Range(seen[layer][0], seen[layer][1]));
        }
        return ranges;
    }

    private static Map<String, Range> union(Map<String, Range> some, Map<String, Range> others) {
        Map<String, Range> all = new HashMap<>(some);
        others.forEach((layer, range) -> all.merge(layer, range, Range::and));
        return all;
    }

    private static float[][] run(OnnxModel model, List<long[]> batch) {
        int length = batch.getFirst().length;
        try (var feed = new OnnxModel.Feed()) {
            var ids = feed.longs(BertClassifier.INPUT_IDS, batch.size(), length);
            batch.forEach(ids::put);
            var mask = feed.longs(BertClassifier.ATTENTION_MASK, batch.size(), length);
            while (mask.hasRemaining()) {
                mask.put(1);
            }
            return model.run(feed, Calibrating.RANGES);
        }
    }
}
