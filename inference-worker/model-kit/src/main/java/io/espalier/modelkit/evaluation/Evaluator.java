package io.espalier.modelkit.evaluation;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.metric.ClassificationMetrics;
import io.espalier.modelkit.request.Answers;
import io.espalier.modelkit.task.Predictor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.json.JsonMapper;

/**
 * Predicts a whole split as the inference worker would: batches of at most {@link Predictor#MAX_BATCH} of like length.
 * Holds the scores of all rows and the inputs of {@value #WINDOW} at a time.
 */
public final class Evaluator {
    private static final int WINDOW = 4096;
    private static final int TIMED = 50;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final int threads;

    /** @param threads that predict side by side; the predictor should then be opened with one thread of its own */
    public Evaluator(int threads) {
        this.threads = threads;
    }

    /**
     * Measures on every row of the split.
     *
     * @param labels of the model, in the order of its outputs
     * @param split a {@link SplitFile}
     * @param answers if not null, gets one line a row in order: {@code {"input": …, "label": …, "answer": [{"label",
     *     "score"}, …]}}, with the file's name as {@code file} where the input is a file
     * @throws ProblemException INVALID_DATASET if a row's label is not the model's, or its input could not be predicted
     */
    public ClassificationMetrics evaluate(
            Predictor predictor, List<String> labels, Path split, @Nullable Path answers) {
        Map<String, Integer> indices = new HashMap<>();
        labels.forEach(label -> indices.put(label, indices.size()));
        List<float[]> scores = new ArrayList<>();
        List<Integer> truth = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads);
                var rows = SplitFile.rows(split);
                OutputStream out = answers == null
                        ? OutputStream.nullOutputStream()
                        : new BufferedOutputStream(Files.newOutputStream(answers), 1 << 16)) {
            Iterator<SplitFile.Row> remaining = rows.iterator();
            while (remaining.hasNext()) {
                List<SplitFile.Row> window = next(remaining);
                List<float[]> found = predict(predictor, window, scores.size(), pool);
                for (SplitFile.Row row : window) {
                    truth.add(index(indices, row.label(), truth.size()));
                }
                scores.addAll(found);
                if (answers != null) {
                    write(out, labels, window, found);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (scores.isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_DATASET, "The split has no rows to measure on.");
        }
        return ClassificationMetrics.of(
                labels, truth.stream().mapToInt(Integer::intValue).toArray(), scores.toArray(float[][]::new));
    }

    /**
     * How long one input alone takes, from its JSON to its scores.
     *
     * @param split a {@link SplitFile} with a row at least
     * @return milliseconds, the median of up to {@value #TIMED} rows, each predicted before so that the code is warm
     */
    public static double latencyMillis(Predictor predictor, Path split) {
        List<SplitFile.Row> rows;
        try (var all = SplitFile.rows(split)) {
            rows = all.limit(TIMED).toList();
        }
        double[] millis = new double[rows.size()];
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < millis.length; i++) {
                long start = System.nanoTime();
                predictor.predict(List.of(predictor.prepare(rows.get(i).input(), "input")));
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        return millis[millis.length / 2];
    }

    private static List<SplitFile.Row> next(Iterator<SplitFile.Row> rows) {
        List<SplitFile.Row> window = new ArrayList<>();
        while (window.size() < WINDOW && rows.hasNext()) {
            window.add(rows.next());
        }
        return window;
    }

    /** @return scores in the order of the rows */
    private static List<float[]> predict(
            Predictor predictor, List<SplitFile.Row> rows, int rowsBefore, ExecutorService pool) {
        List<Predictor.Prepared> prepared = inParallel(
                pool,
                IntStream.range(0, rows.size())
                        .mapToObj(i -> (Callable<Predictor.Prepared>)
                                () -> prepare(predictor, rows.get(i), rowsBefore + i + 1))
                        .toList());
        List<Integer> byLength = IntStream.range(0, rows.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> prepared.get(i).length()))
                .toList();
        List<Callable<List<float[]>>> batches = new ArrayList<>();
        for (int start = 0; start < byLength.size(); start += Predictor.MAX_BATCH) {
            List<Predictor.Prepared> batch =
                    byLength.subList(start, Math.min(start + Predictor.MAX_BATCH, byLength.size())).stream()
                            .map(prepared::get)
                            .toList();
            batches.add(() -> predictor.predict(batch));
        }
        float[][] scores = new float[rows.size()][];
        int position = 0;
        for (List<float[]> batch : inParallel(pool, batches)) {
            for (float[] row : batch) {
                scores[byLength.get(position++)] = row;
            }
        }
        return List.of(scores);
    }

    private static Predictor.Prepared prepare(Predictor predictor, SplitFile.Row row, int number) {
        try {
            return predictor.prepare(row.input(), "input");
        } catch (ProblemException e) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET,
                    "Row " + number + " of the split cannot be predicted: " + e.getMessage(),
                    e.errors());
        }
    }

    private static int index(Map<String, Integer> indices, String label, int rowsBefore) {
        Integer index = indices.get(label);
        if (index == null) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET,
                    "Row %d of the split has the label %s, which the model does not know."
                            .formatted(rowsBefore + 1, label));
        }
        return index;
    }

    private static void write(OutputStream out, List<String> labels, List<SplitFile.Row> rows, List<float[]> scores)
            throws IOException {
        for (int i = 0; i < rows.size(); i++) {
            var line = new java.io.ByteArrayOutputStream(256);
            try (JsonGenerator json = JSON.createGenerator(line)) {
                json.writeStartObject();
                String file = rows.get(i).file();
                if (file == null) {
                    json.writePOJOProperty("input", rows.get(i).input());
                } else {
                    json.writeStringProperty("file", file);
                }
                json.writeStringProperty("label", rows.get(i).label());
                json.writeName("answer");
                Answers.write(json, labels, scores.get(i), null);
                json.writeEndObject();
            }
            line.writeTo(out);
            out.write('\n');
        }
    }

    private static <T> List<T> inParallel(ExecutorService pool, List<Callable<T>> calls) {
        try {
            List<T> results = new ArrayList<>(calls.size());
            for (Future<T> future : pool.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("The evaluation was interrupted", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }
}
