package io.espalier.training.task.recommendation;

import io.espalier.training.task.recommendation.Recipe.Als;
import io.espalier.training.task.recommendation.Recipe.Ease;
import io.espalier.training.task.recommendation.Recipe.ItemToItem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Seconds to fit EASE and implicit ALS, the best of five fits each, everything from the interactions to the tensors included.
 * Run by {@code tests/benchmarks/recommendation} beside NumPy and implicit, as a trial runs.
 */
public final class RecommendersBenchmark {
    private static final int FITS = 5;

    private RecommendersBenchmark() {}

    private interface Fitting {
        void run();
    }

    /** @param arguments a CSV file of user, item, rating, time and split, ids counted from 0 */
    public static void main(String[] arguments) throws IOException {
        Interactions train = read(Path.of(arguments[0]));
        ItemToItem ease = new Ease(400, 0);
        Als als = new Als(32, 10, 3, 15);
        try (Recommenders recommenders = new Recommenders(1)) {
            System.out.printf("ours EASE %.3f s%n", best(() -> recommenders.fit(ease, train, null, _ -> {})));
            System.out.printf("ours ALS %.3f s%n", best(() -> recommenders.fit(als, train, _ -> {})));
        }
    }

    private static double best(Fitting fitting) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < FITS; i++) {
            long start = System.nanoTime();
            fitting.run();
            best = Math.min(best, (System.nanoTime() - start) / 1e9);
        }
        return best;
    }

    private static Interactions read(Path csv) throws IOException {
        List<List<Integer>> byUser = new ArrayList<>();
        int catalog = 0;
        List<String> lines = Files.readAllLines(csv);
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            int user = Integer.parseInt(cells[0]);
            int item = Integer.parseInt(cells[1]);
            catalog = Math.max(catalog, item + 1);
            while (byUser.size() <= user) {
                byUser.add(new ArrayList<>());
            }
            if (cells[4].isEmpty()) {
                byUser.get(user).add(item);
            }
        }
        int[] offsets = new int[byUser.size() + 1];
        for (int user = 0; user < byUser.size(); user++) {
            offsets[user + 1] = offsets[user] + byUser.get(user).size();
        }
        return new Interactions(
                catalog,
                offsets,
                byUser.stream()
                        .flatMap(List::stream)
                        .mapToInt(Integer::intValue)
                        .toArray());
    }
}
