package io.espalier.training.export;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.export.Int8.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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
            OnnxGraph graph = network.graph(arithmetic);
            arithmetic.addRanges(graph);
            graph.write(file);
            try (OnnxModel model = OnnxModel.open(file, 1)) {
                Map<String, Range> ranges = tokens.parallelStream()
                        .map(example -> ranges(arithmetic.layers(), run(model, example)))
                        .reduce(Map.of(), Calibration::union);
                return new Int8(ranges);
            }
        } finally {
            Files.delete(file);
        }
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

    private static float[][] run(OnnxModel model, long[] tokens) {
        try (var feed = new OnnxModel.Feed()) {
            feed.longs(BertClassifier.INPUT_IDS, 1, tokens.length).put(tokens);
            var mask = feed.longs(BertClassifier.ATTENTION_MASK, 1, tokens.length);
            while (mask.hasRemaining()) {
                mask.put(1);
            }
            return model.run(feed, Calibrating.RANGES);
        }
    }
}
