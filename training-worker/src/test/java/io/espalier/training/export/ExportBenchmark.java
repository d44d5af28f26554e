package io.espalier.training.export;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.training.catalog.EncoderConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Speed and agreement of the precisions, for RATIONALE.md; not a test. The classifier is a logistic regression on the frozen
 * base model: worse than a fine-tuned one, and so with more answers near the border.
 *
 * <p>Arguments: a folder with {@code train.tsv} and {@code test.tsv} (text, tab, 0 or 1), and the base model's name.
 */
final class ExportBenchmark {
    private static final int CALLERS = 2;
    private static final int ROUNDS = 3;

    private ExportBenchmark() {}

    private record Example(String text, int label) {}

    public static void main(String[] arguments) throws Exception {
        Path data = Path.of(arguments[0]);
        String baseModel = arguments.length > 1 ? arguments[1] : "all-MiniLM-L6-v2";
        Path folder = Files.createTempDirectory("export-benchmark-");
        List<Example> train = read(data.resolve("train.tsv"));
        List<Example> test = read(data.resolve("test.tsv"));
        BertClassifier transparent = Networks.transparent(baseModel, folder);
        EncoderConfig config = transparent.config();
        List<long[]> trainTokens =
                Networks.tokens(folder, train.stream().map(Example::text).toList());
        List<long[]> testTokens =
                Networks.tokens(folder, test.stream().map(Example::text).toList());

        List<Example> some = train.subList(0, 1500);
        transparent.graph(new Float32()).write(folder.resolve("embed.onnx"));
        float[][] embeddings;
        try (OnnxModel model = OnnxModel.open(folder.resolve("embed.onnx"), 1)) {
            embeddings = batched(model, trainTokens.subList(0, some.size()), 16);
        }
        float[] weight = new float[2 * config.hiddenSize()];
        float[] bias = new float[2];
        fit(embeddings, some, weight, bias);
        BertClassifier network = Networks.classifier(config, folder, weight, bias);

        Path fp32 = folder.resolve("fp32.onnx");
        Path int8 = folder.resolve("int8.onnx");
        network.graph(new Float32()).write(fp32);
        long start = System.nanoTime();
        Int8 arithmetic = network.calibrated(trainTokens.subList(0, 400));
        network.graph(arithmetic).write(int8);
        System.out.printf("calibrated and written in %.1f s%n", (System.nanoTime() - start) / 1e9);

        float[][] reference = null;
        for (Path file : List.of(fp32, int8)) {
            try (OnnxModel model = OnnxModel.open(file, 1)) {
                float[][] alone = batched(model, testTokens, 1);
                float[][] together = batched(model, testTokens, 16);
                float[][] unsorted = unsorted(model, testTokens);
                reference = reference == null ? alone : reference;
                int right = 0;
                int changed = 0;
                for (int i = 0; i < alone.length; i++) {
                    int answer = alone[i][1] > alone[i][0] ? 1 : 0;
                    right += answer == test.get(i).label() ? 1 : 0;
                    changed += answer == (reference[i][1] > reference[i][0] ? 1 : 0) ? 0 : 1;
                }
                System.out.printf(
                        "%s %.1f MB accuracy %.4f changed %d of %d; alone against batches of 16: %.1e sorted, %.1e mixed%n",
                        file.getFileName(),
                        Files.size(file) / 1e6,
                        right / (double) alone.length,
                        changed,
                        alone.length,
                        Scores.largestDifference(alone, together),
                        Scores.largestDifference(alone, unsorted));
            }
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (Path file : List.of(fp32, int8)) {
                try (OnnxModel model = OnnxModel.open(file, 1)) {
                    System.out.printf(
                            "%s sentences/s: %.0f alone, %.0f in batches of 16%n",
                            file.getFileName(), speed(model, testTokens, 1), speed(model, testTokens, 16));
                }
            }
        }
    }

    private static double speed(OnnxModel model, List<long[]> texts, int size) throws Exception {
        List<List<long[]>> batches = new ArrayList<>();
        List<long[]> sorted = new ArrayList<>(texts);
        sorted.sort(Comparator.comparingInt(tokens -> tokens.length));
        for (int from = 0; from < sorted.size(); from += size) {
            batches.add(sorted.subList(from, Math.min(from + size, sorted.size())));
        }
        Collections.shuffle(batches, new Random(3));
        AtomicInteger next = new AtomicInteger();
        AtomicInteger done = new AtomicInteger();
        long end = System.nanoTime() + 2_000_000_000L;
        long start = System.nanoTime();
        try (var pool = Executors.newFixedThreadPool(CALLERS)) {
            Callable<Void> caller = () -> {
                while (System.nanoTime() < end) {
                    List<long[]> batch = batches.get(Math.floorMod(next.getAndIncrement(), batches.size()));
                    Scores.of(model, batch);
                    done.addAndGet(batch.size());
                }
                return null;
            };
            for (Future<Void> result : pool.invokeAll(Collections.nCopies(CALLERS, caller))) {
                result.get();
            }
        }
        return done.get() * 1e9 / (System.nanoTime() - start);
    }

    /** In the order of the texts, computed in batches of like length. */
    private static float[][] batched(OnnxModel model, List<long[]> texts, int size) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            order.add(i);
        }
        order.sort(Comparator.comparingInt(i -> texts.get(i).length));
        float[][] scores = new float[texts.size()][];
        for (int from = 0; from < order.size(); from += size) {
            List<Integer> batch = order.subList(from, Math.min(from + size, order.size()));
            float[][] answers = Scores.of(model, batch.stream().map(texts::get).toList());
            for (int i = 0; i < answers.length; i++) {
                scores[batch.get(i)] = answers[i];
            }
        }
        return scores;
    }

    private static float[][] unsorted(OnnxModel model, List<long[]> texts) {
        List<float[]> scores = new ArrayList<>();
        for (int from = 0; from < texts.size(); from += 16) {
            scores.addAll(List.of(Scores.of(model, texts.subList(from, Math.min(from + 16, texts.size())))));
        }
        return scores.toArray(float[][]::new);
    }

    private static void fit(float[][] inputs, List<Example> examples, float[] weight, float[] bias) {
        int width = inputs[0].length;
        for (int epoch = 0; epoch < 100; epoch++) {
            double rate = 1.0 / (1 + epoch / 10.0);
            for (int row = 0; row < inputs.length; row++) {
                double logit = bias[1] - bias[0];
                for (int i = 0; i < width; i++) {
                    logit += inputs[row][i] * (weight[width + i] - weight[i]);
                }
                double error = 1 / (1 + Math.exp(-logit)) - examples.get(row).label();
                for (int i = 0; i < width; i++) {
                    weight[width + i] -= (float) (rate * 0.02 * error * inputs[row][i]);
                    weight[i] += (float) (rate * 0.02 * error * inputs[row][i]);
                }
                bias[1] -= (float) (rate * 0.02 * error);
                bias[0] += (float) (rate * 0.02 * error);
            }
        }
    }

    private static List<Example> read(Path file) throws IOException {
        List<Example> examples = new ArrayList<>();
        for (String line : Files.readAllLines(file)) {
            int tab = line.lastIndexOf('\t');
            if (tab > 0) {
                examples.add(new Example(
                        line.substring(0, tab),
                        Integer.parseInt(line.substring(tab + 1).strip())));
            }
        }
        return examples;
    }
}
