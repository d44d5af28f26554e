package io.espalier.training.task.recommendation;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
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
import java.util.PriorityQueue;
import java.util.function.DoubleConsumer;
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
    /** Of conjugate gradients, a half pass: where the rows come from is near (Takács, Pilászy and Tikk 2011). */
    private static final int ALS_STEPS = 3;

    private static final double ALS_DEVIATION = 0.01;

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
            ItemToItem recipe, Interactions interactions, @Nullable ItemContent content, DoubleConsumer progress) {
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

    private Tensor ease(Ease recipe, Interactions interactions, DoubleConsumer progress) {
        int items = interactions.catalog();
        CoOccurrences counts = new CoOccurrences(interactions);
        int rows = Math.max(1, BLOCK / items);
        List<Handle> blocks = new ArrayList<>();
        try {
            for (int from = 0; from < items; from += rows) {
                int to = Math.min(items, from + rows);
                float[] block = new float[(to - from) * items];
                for (int item = from; item < to; item++) {
                    counts.of(item, block, (item - from) * items);
                }
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
        int[] users = interactions.popularity();
        float[] values = new float[Math.multiplyExact(2 * kept, items)];
        float[] row = new float[items];
        for (int item = 0; item < items; item++) {
            Arrays.fill(row, 0);
            counts.of(item, row, 0);
            double own = Math.sqrt(Math.max(1, users[item]));
            PriorityQueue<int[]> best = new PriorityQueue<>((a, b) -> Float.compare(row[a[0]], row[b[0]]));
            for (int other = 0; other < items; other++) {
                row[other] = other == item
                        ? 0
                        : (float) (row[other] / (own * (Math.sqrt(users[other]) + NEIGHBOURS_SHRINKAGE)));
                if (row[other] > 0 && (best.size() < kept || row[other] > row[best.element()[0]])) {
                    best.add(new int[] {other});
                    if (best.size() > kept) {
                        best.poll();
                    }
                }
            }
            int place = item * kept;
            for (int[] other : best) {
                values[place] = other[0];
                values[items * kept + place] = row[other[0]];
                place++;
            }
            if (item % 256 == 0) {
                progress.accept(item / (double) items);
            }
        }
        return Tensor.of(values, 2, items, kept);
    }

    /** @param progress hears of the share that is done */
    Factors fit(Als recipe, Interactions interactions, DoubleConsumer progress) {
        Interactions rows = interactions.sorted();
        Interactions columns = rows.transposed();
        int users = rows.users();
        int items = rows.catalog();
        Handle ofUsers = functions.normal(ALS_DEVIATION, seed, users, recipe.factors());
        Handle ofItems = functions.normal(ALS_DEVIATION, seed + 1, items, recipe.factors());
        try (Handle userOffsets = functions.ints(rows.offsets(), users + 1L);
                Handle userItems = functions.ints(rows.items(), rows.size());
                Handle itemOffsets = functions.ints(columns.offsets(), items + 1L);
                Handle itemUsers = functions.ints(columns.items(), columns.size())) {
            for (int pass = 0; pass < recipe.iterations(); pass++) {
                ofUsers = half(recipe, ofUsers, ofItems, userOffsets, userItems);
                ofItems = half(recipe, ofItems, ofUsers, itemOffsets, itemUsers);
                progress.accept((pass + 1.0) / recipe.iterations());
            }
            return new Factors(ofItems.copy(), recipe.confidence(), recipe.l2(), 1);
        } finally {
            ofUsers.close();
            ofItems.close();
        }
    }

    /** @param rows closed here */
    private Handle half(Als recipe, Handle rows, Handle fixed, Handle offsets, Handle columns) {
        try (rows) {
            return functions.call("als", rows, fixed, offsets, columns, recipe.confidence(), recipe.l2(), ALS_STEPS);
        }
    }

    @Override
    public void close() {
        functions.close();
    }
}
