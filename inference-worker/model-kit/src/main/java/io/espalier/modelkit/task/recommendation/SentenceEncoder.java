package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.textclassification.TextTransform;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** Texts to vectors of length 1. Thread-safe. */
public final class SentenceEncoder implements AutoCloseable {
    /** The graph, from what {@link TextTransform} fills in to a vector each. */
    public static final String GRAPH_ENTRY = "encoder.onnx";

    public static final String TOKENIZER_ENTRY = TextTransform.TOKENIZER_ENTRY;

    /** All files of an encoder. */
    public static final List<String> ENTRIES = List.of(GRAPH_ENTRY, TOKENIZER_ENTRY);

    private static final String OUTPUT = "logits";
    private static final int BATCH = 32;

    private final OnnxModel model;
    private final TextTransform transform;
    private final int width;

    private SentenceEncoder(OnnxModel model, TextTransform transform) {
        this.model = model;
        this.transform = transform;
        this.width = Math.toIntExact(model.width(OUTPUT));
    }

    /**
     * Loads an encoder.
     *
     * @param folder that holds {@link #GRAPH_ENTRY} and {@link #TOKENIZER_ENTRY}
     * @param tokens of a text, at most
     */
    public static SentenceEncoder open(Path folder, int tokens) {
        OnnxModel model = OnnxModel.open(folder.resolve(GRAPH_ENTRY), 1);
        try {
            return new SentenceEncoder(model, TextTransform.open(folder.resolve(TOKENIZER_ENTRY), tokens));
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    public int width() {
        return width;
    }

    /** How many of a text are read at most. */
    public int tokens() {
        return transform.maxLength();
    }

    /** The vectors of the texts, in their order. */
    public float[][] encode(List<String> texts) {
        List<long[]> tokens = texts.stream().map(transform::encode).toList();
        int[] byLength = IntStream.range(0, tokens.size())
                .boxed()
                .sorted((a, b) -> Integer.compare(tokens.get(a).length, tokens.get(b).length))
                .mapToInt(Integer::intValue)
                .toArray();
        float[][] vectors = new float[texts.size()][];
        IntStream.range(0, (byLength.length + BATCH - 1) / BATCH).parallel().forEach(batch -> {
            int from = batch * BATCH;
            int to = Math.min(byLength.length, from + BATCH);
            try (var feed = new OnnxModel.Feed()) {
                TextTransform.fill(
                        feed,
                        IntStream.range(from, to)
                                .mapToObj(i -> tokens.get(byLength[i]))
                                .toList());
                float[][] found = model.run(feed, OUTPUT);
                for (int i = from; i < to; i++) {
                    vectors[byLength[i]] = unit(found[i - from]);
                }
            }
        });
        return vectors;
    }

    /** Scaled to length 1; zero stays zero. */
    static float[] unit(float[] vector) {
        double squares = 0;
        for (float value : vector) {
            squares += (double) value * value;
        }
        for (int i = 0; squares > 0 && i < vector.length; i++) {
            vector[i] = (float) (vector[i] / Math.sqrt(squares));
        }
        return vector;
    }

    @Override
    public void close() {
        model.close();
        transform.close();
    }
}
