package io.espalier.training.task.recommendation;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.task.recommendation.Ranking;
import io.espalier.training.program.Functions;
import io.espalier.training.program.Functions.Handle;
import io.espalier.training.program.Program;
import io.espalier.training.task.recommendation.RankingModel.Factors;
import io.espalier.training.task.recommendation.RankingModel.Neighbourhood;
import io.espalier.training.task.recommendation.Recipe.Als;
import io.espalier.training.task.recommendation.Recipe.Content;
import io.espalier.training.task.recommendation.Recipe.Ease;
import io.espalier.training.task.recommendation.Recipe.ItemToItem;
import io.espalier.training.task.recommendation.Recipe.Neighbours;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fits recipes to interactions. The linear algebra is libtorch's; the counting of what occurs together is done here. */
final class Recommenders implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Recommenders.class);
    /** Above it the square of the items, four times over, would not fit into the memory that a trial may take. */
    static final int EASE_MOST_ITEMS = 12_000;

    private static final int EASE_EXACT_ITEMS = 5_000;
    /** Of each item; what the others weigh is lost in a ranking. */
    private static final int EASE_KEPT = 500;

    private static final int FLOAT32 = 6;
    private static final int FLOAT64 = 7;
    /** Numbers of a block of the Gram matrix. */
    private static final int BLOCK = 1 << 24;

    private static final double NEIGHBOURS_SHRINKAGE = 20;
    /** Items between two words of how far it is. */
    private static final int NEIGHBOURS_BLOCK = 1024;
    /** Of conjugate gradients, a half pass: where the rows come from is near (Takács, Pilászy and Tikk 2011). */
    private static final int ALS_STEPS = 3;

    private static final double ALS_DEVIATION = 0.01;
    /** Of users, or of items, at once. */
    private static final int ALS_ROWS = 1 << 16;

    private static final int ALS_INTERACTIONS = 1 << 21;

    private final Functions functions;
    private final long seed;

    Recommenders(long seed) throws IOException {
        this.functions = Functions.load(new Program("recommendation.py", Map.of()), Device.cpu());
        this.seed = seed;
    }

    /** For what needs the same program; closed with this. */
    Functions functions() {
        return functions;
    }

    /**
     * @param content needed for {@link Content} alone
     * @param progress hears of the share that is done
     */
    Neighbourhood fit(
            ItemToItem recipe, Interactions interactions, @Nullable Likeness content, DoubleConsumer progress) {
        return switch (recipe) {
            case Neighbours neighbours -> new Neighbourhood(neighbours(neighbours, interactions, progress), 1);
            case Content byContent -> {
                if (content == null) {
                    throw new IllegalArgumentException("Nothing is said of items.");
                }
                yield content.neighbours(byContent.kept(), progress);
            }
            case Ease ease -> new Neighbourhood(ease(ease, interactions, progress), 1);
        };
    }

    /** Items that nobody had are left out of the matrix. */
    private Tensor ease(Ease recipe, Interactions interactions, DoubleConsumer progress) {
        int[] users = interactions.popularity();
        int[] had =
                IntStream.range(0, users.length).filter(item -> users[item] > 0).toArray();
        if (had.length == users.length || had.length < 2) {
            return easeOfAll(recipe, interactions, progress);
        }
        Tensor ofHad = easeOfAll(recipe, interactions.among(had), progress);
        int kept = ofHad.dimension(2);
        float[] values = new float[Math.multiplyExact(2 * kept, users.length)];
        for (int item = 0; item < had.length; item++) {
            for (int i = 0; i < kept; i++) {
                int place = had[item] * kept + i;
                values[place] = had[(int) ofHad.values()[item * kept + i]];
                values[users.length * kept + place] = ofHad.values()[(had.length + item) * kept + i];
            }
        }
        return Tensor.of(values, 2, users.length, kept);
    }

    private Tensor easeOfAll(Ease recipe, Interactions interactions, DoubleConsumer progress) {
        int items = interactions.catalog();
        CoOccurrences counts = new CoOccurrences(interactions);
        int rows = Math.max(1, BLOCK / items);
        List<Handle> blocks = new ArrayList<>();
        try {
            for (int from = 0; from < items; from += rows) {
                int to = Math.min(items, from + rows);
                float[] block = new float[(to - from) * items];
                int begin = from;
                IntStream.range(from, to).parallel().forEach(item -> counts.of(item, block, (item - begin) * items));
                blocks.add(functions.floats(block, to - from, items));
                progress.accept(0.5 * to / items);
            }
            try (Handle gram = functions.call("joined", blocks)) {
                blocks.forEach(Handle::close);
                blocks.clear();
                return solved(recipe, gram, items);
            }
        } finally {
            blocks.forEach(Handle::close);
        }
    }

    private Tensor solved(Ease recipe, Handle gram, int items) {
        int dtype = items <= EASE_EXACT_ITEMS ? FLOAT64 : FLOAT32;
        try (Handle kept =
                functions.call("ease", gram, dtype, recipe.l2(), recipe.dropout(), Math.min(EASE_KEPT, items - 1))) {
            return kept.copy();
        } catch (EngineException e) {
            LOG.warn("The matrix of EASE cannot be inverted", e);
            throw new ProblemException(
                    ProblemType.INVALID_REQUEST,
                    "EASE cannot be solved with an L2 penalty of %s; choose a larger one.".formatted(recipe.l2()));
        }
    }

    private static Tensor neighbours(Neighbours recipe, Interactions interactions, DoubleConsumer progress) {
        int items = interactions.catalog();
        int kept = Math.min(recipe.kept(), items - 1);
        CoOccurrences counts = new CoOccurrences(interactions);
        double[] roots =
                IntStream.of(interactions.popularity()).mapToDouble(Math::sqrt).toArray();
        float[] values = new float[Math.multiplyExact(2 * kept, items)];
        int threads = Runtime.getRuntime().availableProcessors();
        float[][] rows = new float[threads][items];
        int[][] found = new int[threads][items];
        for (int from = 0; from < items; from += NEIGHBOURS_BLOCK) {
            int begin = from;
            int end = Math.min(items, from + NEIGHBOURS_BLOCK);
            IntStream.range(0, threads).parallel().forEach(thread -> {
                for (int item = begin + thread; item < end; item += threads) {
                    float[] row = rows[thread];
                    Ranking best = new Ranking(kept);
                    int size = counts.of(item, row, found[thread]);
                    for (int i = 0; i < size; i++) {
                        int other = found[thread][i];
                        if (other != item) {
                            row[other] = (float) (row[other] / (roots[item] * (roots[other] + NEIGHBOURS_SHRINKAGE)));
                            best.add(other, row[other]);
                        }
                    }
                    int place = item * kept;
                    for (int other : best.items()) {
                        values[place] = other;
                        values[items * kept + place] = row[other];
                        place++;
                    }
                    for (int i = 0; i < size; i++) {
                        row[found[thread][i]] = 0;
                    }
                }
            });
            progress.accept(end / (double) items);
        }
        return Tensor.of(values, 2, items, kept);
    }

    /** @param progress hears of the share that is done */
    Factors fit(Als recipe, Interactions interactions, DoubleConsumer progress) {
        Interactions byUser = interactions.sorted();
        Interactions byItem = byUser.transposed();
        Handle ofUsers = functions.normal(ALS_DEVIATION, seed, byUser.users(), recipe.factors());
        Handle ofItems = functions.normal(ALS_DEVIATION, seed + 1, byUser.catalog(), recipe.factors());
        List<Rows> users = List.of();
        List<Rows> items = List.of();
        try {
            users = rows(byUser);
            items = rows(byItem);
            double halves = 2.0 * recipe.iterations();
            for (int pass = 0; pass < recipe.iterations(); pass++) {
                int before = 2 * pass;
                ofUsers = half(recipe, ofUsers, ofItems, users, share -> progress.accept((before + share) / halves));
                ofItems =
                        half(recipe, ofItems, ofUsers, items, share -> progress.accept((before + 1 + share) / halves));
            }
            try (Handle whitened = functions.call("whitened", ofItems, recipe.l2())) {
                return new Factors(whitened.copy(), recipe.confidence(), 1);
            }
        } finally {
            ofUsers.close();
            ofItems.close();
            users.forEach(Rows::close);
            items.forEach(Rows::close);
        }
    }

    /** Some rows one after another, in compressed form. */
    private record Rows(int begin, Handle offsets, Handle columns) implements AutoCloseable {
        @Override
        public void close() {
            offsets.close();
            columns.close();
        }
    }

    /** As many at once as bound what half a pass takes beside the factors. */
    private List<Rows> rows(Interactions interactions) {
        List<Rows> all = new ArrayList<>();
        int[] offsets = interactions.offsets();
        int end;
        for (int begin = 0; begin < interactions.users(); begin = end) {
            end = begin + 1;
            while (end < interactions.users()
                    && end - begin < ALS_ROWS
                    && offsets[end + 1] - offsets[begin] <= ALS_INTERACTIONS) {
                end++;
            }
            int first = offsets[begin];
            int[] own = IntStream.rangeClosed(begin, end)
                    .map(row -> offsets[row] - first)
                    .toArray();
            int[] columns = Arrays.copyOfRange(interactions.items(), first, offsets[end]);
            all.add(new Rows(begin, functions.ints(own, own.length), functions.ints(columns, columns.length)));
        }
        return all;
    }

    /** @param old closed here */
    private Handle half(Als recipe, Handle old, Handle fixed, List<Rows> all, DoubleConsumer progress) {
        List<Handle> fitted = new ArrayList<>();
        try (old;
                Handle gram = functions.call("gram", fixed, recipe.l2())) {
            for (Rows rows : all) {
                fitted.add(functions.call(
                        "als",
                        old,
                        rows.begin,
                        fixed,
                        gram,
                        rows.offsets,
                        rows.columns,
                        recipe.confidence(),
                        ALS_STEPS));
                progress.accept(fitted.size() / (double) all.size());
            }
            return fitted.size() == 1 ? fitted.removeFirst() : functions.call("joined", fitted);
        } finally {
            fitted.forEach(Handle::close);
        }
    }

    @Override
    public void close() {
        functions.close();
    }
}
