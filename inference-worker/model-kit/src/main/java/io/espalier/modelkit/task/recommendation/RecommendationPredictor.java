package io.espalier.modelkit.task.recommendation;

import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.RecentEvents;
import io.espalier.modelkit.task.recommendation.Query.Voice;
import java.lang.foreign.Arena;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.function.ObjIntConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * {@code items}, int64 [batch, length], and {@code weights}, float32 [batch, length], to {@code scores}, float32 [batch, catalog].
 * Whom a request is about is in the end a list of items, each of weight 1: a shorter one is padded with item 0 of weight 0, which
 * the graph must not let through.
 */
final class RecommendationPredictor implements Predictor {
    /** The newest ones, of which the reasons are looked for. */
    private static final int MOST_REASONS_TRIED = 64;

    private static final int MOST_REASONS = 3;
    /** Popularity among peers counts as that among all does with so many users. */
    private static final float POPULARITY_WEIGHT = 30;
    /** The best ones, of which a diverse list is made: so many for each place of it, and at least and at most so many. */
    private static final int CANDIDATES_A_PLACE = 10;

    private static final int FEWEST_CANDIDATES = 100;
    private static final int MOST_CANDIDATES = 2000;

    private static final int[] NOTHING = {};

    private final Arena arena = Arena.ofShared();
    private final Path bundle;
    private final OnnxModel model;
    private final Catalog learned;
    private final KnownUsers users;
    /** Of what has happened since. */
    private final InteractionRule counted;
    /** Whether it matters who is asked for: where it does not, nothing of theirs is a reason. */
    private final boolean personal;
    /** What has happened since; nothing unless somebody tells. */
    private RecommendationEvents recent = new RecommendationEvents();
    /** Where items that are new can be ranked, once they are followed. */
    private @Nullable Arrivals arrivals;

    /** @param model closed with the predictor, or where the bundle's files cannot be read */
    RecommendationPredictor(Path bundle, OnnxModel model, InteractionRule counted) {
        this.bundle = bundle;
        this.counted = counted;
        this.model = model;
        try {
            this.learned = Catalog.open(bundle, arena);
            this.users = new KnownUsers(bundle, arena);
            this.personal = learned.size() > 0 && !Arrays.equals(scores(), scores(0));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public Query prepare(JsonNode input, Parameters parameters, String path) {
        Catalog catalog = arrivals == null ? learned : arrivals.catalog();
        return new QueryReader(catalog, users, recent.interactions(), counted, parameters).read(input, path);
    }

    @Override
    public List<Recommendations> predict(List<? extends Prepared> batch) {
        List<Query> queries = batch.stream().map(Query.class::cast).toList();
        List<Recommendations> answers = new ArrayList<>();
        int most =
                queries.stream().mapToInt(query -> query.catalog().size()).max().orElse(0);
        score(queries.stream().map(Query::voice).toList(), most, (scores, row) -> {
            Query query = queries.get(row);
            query.catalog().lend(scores);
            Arrays.fill(scores, query.catalog().size(), most, Float.NEGATIVE_INFINITY);
            answers.add(answer(query, scores));
        });
        return answers;
    }

    /**
     * Asks the graph.
     *
     * @param size of the array of scores, which the graph may fill in part
     * @param reader gets the scores of each list with its number, in an array that then holds the next one's
     */
    private void score(List<Voice> lists, int size, ObjIntConsumer<float[]> reader) {
        int length = Math.max(
                1, lists.stream().mapToInt(voice -> voice.items().length).max().orElse(1));
        try (var feed = new OnnxModel.Feed()) {
            LongBuffer items = feed.longs(RecommendationKit.ITEMS, lists.size(), length);
            FloatBuffer weights = feed.floats(RecommendationKit.WEIGHTS, lists.size(), length);
            for (int row = 0; row < lists.size(); row++) {
                Voice voice = lists.get(row);
                for (int i = 0; i < voice.items().length; i++) {
                    items.put(row * length + i, voice.items()[i]);
                    weights.put(row * length + i, voice.weights()[i]);
                }
            }
            FloatBuffer all = feed.result(RecommendationKit.SCORES, lists.size(), learned.size());
            model.fill(feed);
            float[] scores = new float[size];
            for (int row = 0; row < lists.size(); row++) {
                all.get(row * learned.size(), scores, 0, learned.size());
                reader.accept(scores, row);
            }
        }
    }

    private float[] scores(int... items) {
        float[] copy = new float[learned.size()];
        score(
                List.of(Voice.of(learned, items)),
                copy.length,
                (scores, _) -> System.arraycopy(scores, 0, copy, 0, copy.length));
        return copy;
    }

    /** What is popular among peers, and the less there are of them among all. */
    private void blend(int[] peers, float[] popularity) {
        float[] having = new float[popularity.length];
        for (int peer : peers) {
            for (int item : users.history(peer)) {
                having[item]++;
            }
        }
        for (int item = 0; item < having.length; item++) {
            popularity[item] =
                    (having[item] + POPULARITY_WEIGHT * popularity[item]) / (peers.length + POPULARITY_WEIGHT);
        }
    }

    private Recommendations answer(Query query, float[] scores) {
        if (query.peers().length > 0) {
            blend(query.peers(), scores);
        }
        for (int item : query.hidden()) {
            scores[item] = Float.NEGATIVE_INFINITY;
        }
        int[] best =
                query.diversity() > 0 ? diverse(query, scores) : Ranking.best(scores, query.wanted(), query.topK());
        float[] shown = new float[best.length];
        List<String> ids = new ArrayList<>(best.length);
        for (int i = 0; i < best.length; i++) {
            shown[i] = scores[best[i]];
            ids.add(query.catalog().id(best[i]));
        }
        return new Recommendations(ids, shown, query.reasons() ? reasons(query, best) : null);
    }

    /** One after the other what scores best, less what is like an item that comes before it (Carbonell and Goldstein 1998). */
    private static int[] diverse(Query query, float[] scores) {
        int[] candidates = Ranking.best(
                scores,
                query.wanted(),
                Math.clamp(CANDIDATES_A_PLACE * query.topK(), FEWEST_CANDIDATES, MOST_CANDIDATES));
        int places = Math.min(query.topK(), candidates.length);
        double range = places == 0
                ? 1
                : Math.max(Float.MIN_NORMAL, scores[candidates[0]] - scores[candidates[candidates.length - 1]]);
        float[][] directions = Arrays.stream(candidates)
                .mapToObj(item -> SentenceEncoder.unit(query.catalog().vector(item)))
                .toArray(float[][]::new);
        double[] nearest = new double[candidates.length];
        int[] chosen = new int[places];
        for (int place = 0; place < places; place++) {
            int best = -1;
            double highest = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < candidates.length; i++) {
                double relevance = (scores[candidates[i]] - scores[candidates[candidates.length - 1]]) / range;
                double value = (1 - query.diversity()) * relevance - query.diversity() * nearest[i];
                if (value > highest) {
                    highest = value;
                    best = i;
                }
            }
            chosen[place] = candidates[best];
            for (int i = 0; i < candidates.length; i++) {
                nearest[i] = i == best
                        ? Double.POSITIVE_INFINITY
                        : Math.max(nearest[i], product(directions[i], directions[best]));
            }
        }
        return chosen;
    }

    private static float product(float[] a, float[] b) {
        float sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    /** What each item of the user alone would score the best ones: those that score one highest are its reasons. */
    private List<List<String>> reasons(Query query, int[] best) {
        if (!personal) {
            return Collections.nCopies(best.length, List.of());
        }
        int[] tried = Arrays.copyOfRange(
                query.had(), Math.max(0, query.had().length - MOST_REASONS_TRIED), query.had().length);
        float[][] alone = new float[tried.length][best.length];
        for (int from = 0; from < tried.length; from += MAX_BATCH) {
            int to = Math.min(from + MAX_BATCH, tried.length);
            List<Voice> singles = new ArrayList<>();
            for (int i = from; i < to; i++) {
                singles.add(Voice.of(query.catalog(), tried[i]));
            }
            int first = from;
            score(singles, query.catalog().size(), (scores, row) -> {
                query.catalog().lend(scores);
                for (int j = 0; j < best.length; j++) {
                    alone[first + row][j] = scores[best[j]];
                }
            });
        }
        return IntStream.range(0, best.length)
                .mapToObj(j -> IntStream.range(0, tried.length)
                        .filter(i -> alone[i][j] > 0)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -alone[i][j]))
                        .limit(MOST_REASONS)
                        .map(i -> query.catalog().id(tried[i]))
                        .toList())
                .toList();
    }

    @Override
    public void follow(RecentEvents events) {
        recent = (RecommendationEvents) events;
        if (Arrivals.isPossible(bundle)) {
            arrivals = new Arrivals(bundle, learned, recent.items(), arena);
            arrivals.start();
        }
    }

    @Override
    public List<Query> samples() {
        return Stream.of(0, 1, 8, 64)
                .map(length ->
                        IntStream.range(0, Math.min(length, learned.size())).toArray())
                .map(items -> new Query(
                        learned,
                        items,
                        Voice.of(learned, items),
                        NOTHING,
                        NOTHING,
                        null,
                        QueryReader.USUAL_TOP_K,
                        0,
                        false))
                .toList();
    }

    @Override
    public void close() {
        if (arrivals != null) {
            arrivals.close();
        }
        model.close();
        arena.close();
    }
}
