package io.espalier.training.export;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.export.Int8.Range;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Finds the range of what is to be quantized in a network, by running it on training examples. */
public final class Calibration {
    private Calibration() {}

    /** Examples that are run together. */
    public interface Batch {
        void fill(OnnxModel.Feed feed);
    }

    /**
     * Runs a network.
     *
     * @param network describes it in an arithmetic
     * @param batches of examples, one at least; a few hundred examples tell as much as all
     */
    public static Int8 of(Function<Arithmetic, OnnxGraph> network, List<Batch> batches) throws IOException {
        Path file = Files.createTempFile("espalier-calibration-", ".onnx");
        try {
            Calibrating arithmetic = new Calibrating();
            OnnxGraph graph = network.apply(arithmetic);
            arithmetic.addRanges(graph);
            graph.write(file);
            try (OnnxModel model = OnnxModel.open(file, 1)) {
                Map<String, Range> ranges = batches.parallelStream()
                        .map(batch -> ranges(arithmetic.watched(), run(model, batch)))
                        .reduce(Map.of(), Calibration::union);
                return new Int8(ranges);
            }
        } finally {
            Files.delete(file);
        }
    }

    private static Map<String, Range> ranges(List<String> watched, float[][] seen) {
        Map<String, Range> ranges = new HashMap<>();
        for (int i = 0; i < seen.length; i++) {
            ranges.put(watched.get(i), new Range(seen[i][0], seen[i][1]));
        }
        return ranges;
    }

    private static Map<String, Range> union(Map<String, Range> some, Map<String, Range> others) {
        Map<String, Range> all = new HashMap<>(some);
        others.forEach((name, range) -> all.merge(name, range, Range::and));
        return all;
    }

    private static float[][] run(OnnxModel model, Batch batch) {
        try (var feed = new OnnxModel.Feed()) {
            batch.fill(feed);
            return model.run(feed, Calibrating.RANGES);
        }
    }
}
