package io.espalier.modelkit.evaluation;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.metric.Measurement;
import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.Scorer;
import io.espalier.modelkit.task.SplitRow;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
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
 * Holds the inputs and answers of {@value #WINDOW} at a time.
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
     * @param scorer new
     * @param split a {@link SplitFile}
     * @param answers if not null, gets one line a row in order: the row, {@code {"input": …, "label": …}}, with its answer as
     *     {@code answer}, and without its input where that is a file
     * @throws ProblemException INVALID_DATASET if a row could not be predicted, or not be measured
     */
    public Measurement evaluate(Predictor predictor, Scorer scorer, Path split, @Nullable Path answers) {
        long measured = 0;
        try (ExecutorService pool = Executors.newFixedThreadPool(threads);
                var rows = SplitFile.rows(split);
                OutputStream out = answers == null
                        ? OutputStream.nullOutputStream()
                        : new BufferedOutputStream(Files.newOutputStream(answers), 1 << 16)) {
            Iterator<SplitRow> remaining = rows.iterator();
            while (remaining.hasNext()) {
                List<SplitRow> window = next(remaining);
                Answer[] found = predict(predictor, window, measured, pool);
                for (int i = 0; i < found.length; i++) {
                    scorer.add(window.get(i), found[i]);
                    if (answers != null) {
                        write(out, window.get(i), found[i]);
                    }
                }
                measured += found.length;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (measured == 0) {
            throw new ProblemException(ProblemType.INVALID_DATASET, "The split has no rows to measure on.");
        }
        return scorer.measure();
    }

    /**
     * How long one input alone takes, from its JSON to its scores.
     *
     * @param split a {@link SplitFile} with a row at least
     * @return milliseconds, the median of up to {@value #TIMED} rows, each predicted before so that the code is warm
     */
    public static double latencyMillis(Predictor predictor, Path split) {
        List<SplitRow> rows;
        try (var all = SplitFile.rows(split)) {
            rows = all.limit(TIMED).toList();
        }
        double[] millis = new double[rows.size()];
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < millis.length; i++) {
                long start = System.nanoTime();
                predictor.predict(List.of(prepare(predictor, rows.get(i), i + 1)));
                millis[i] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(millis);
        return millis[millis.length / 2];
    }

    private static List<SplitRow> next(Iterator<SplitRow> rows) {
        List<SplitRow> window = new ArrayList<>();
        while (window.size() < WINDOW && rows.hasNext()) {
            window.add(rows.next());
        }
        return window;
    }

    /** @return answers in the order of the rows */
    private static Answer[] predict(Predictor predictor, List<SplitRow> rows, long rowsBefore, ExecutorService pool) {
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
        List<Callable<List<? extends Answer>>> batches = new ArrayList<>();
        for (int start = 0; start < byLength.size(); start += Predictor.MAX_BATCH) {
            List<Predictor.Prepared> batch =
                    byLength.subList(start, Math.min(start + Predictor.MAX_BATCH, byLength.size())).stream()
                            .map(prepared::get)
                            .toList();
            batches.add(() -> predictor.predict(batch));
        }
        Answer[] answers = new Answer[rows.size()];
        int position = 0;
        for (List<? extends Answer> batch : inParallel(pool, batches)) {
            for (Answer answer : batch) {
                answers[byLength.get(position++)] = answer;
            }
        }
        return answers;
    }

    private static Predictor.Prepared prepare(Predictor predictor, SplitRow row, long number) {
        try {
            return predictor.prepare(row.input(), row.parameters(), "input");
        } catch (ProblemException e) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET,
                    "Row " + number + " of the split cannot be predicted: " + e.getMessage(),
                    e.errors());
        }
    }

    private static void write(OutputStream out, SplitRow row, Answer answer) throws IOException {
        var line = new ByteArrayOutputStream(256);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            if (row.file() instanceof String file) {
                json.writeStringProperty(SplitRow.FILE, file);
            } else {
                json.writePOJOProperty(SplitRow.INPUT, row.input());
            }
            row.fields().forEach((name, value) -> {
                if (!name.equals(SplitRow.FILE)) {
                    json.writePOJOProperty(name, value);
                }
            });
            json.writeName("answer");
            answer.write(json);
            json.writeEndObject();
        }
        line.writeTo(out);
        out.write('\n');
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
