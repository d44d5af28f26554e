package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.problem.FieldError;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.request.Parameters;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.RecentEvents;
import java.lang.foreign.Arena;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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
    static final int USUAL_TOP_K = 10;
    private static final int MOST_TOP_K = 1000;
    private static final int MOST_GIVEN = 1000;
    /** The newest ones of a longer history; the older ones say little more. */
    private static final int MOST_ITEMS = 500;
    /** The newest ones, of which the reasons are looked for. */
    private static final int MOST_REASONS_TRIED = 64;

    private static final int MOST_REASONS = 3;
    /** Popularity among peers counts as that among all does with so many users. */
    private static final float POPULARITY_WEIGHT = 30;
    /** The best ones, of which a diverse list is made: so many for each place of it, and at least and at most so many. */
    private static final int CANDIDATES_A_PLACE = 10;

    private static final int FEWEST_CANDIDATES = 100;
    private static final int MOST_CANDIDATES = 2000;

    private static final int[] NOBODY = {};

    private static final String USER = "user";
    private static final String ITEMS = "items";
    private static final String SIMILAR_TO = "similar_to";
    private static final String TOP_K = "top_k";
    private static final String EXCLUDE = "exclude";
    private static final String INCLUDE_SEEN = "include_seen";
    private static final String REASONS = "reasons";
    private static final String AMONG = "among";
    private static final String FILTER = "filter";
    private static final String DIVERSITY = "diversity";

    private final Arena arena = Arena.ofShared();
    private final IdTable catalog;
    private final IdTable users;
    private final Histories histories;
    private final OnnxModel model;
    private final @Nullable Histories peers;
    private final @Nullable ItemAttributes attributes;
    private final @Nullable ItemVectors vectors;
    /** Of each item that nobody had, those like it that somebody had; none of the others. */
    private final int[][] likes;
    /** Those that have some. */
    private final int[] unseen;
    /** Whether it matters who is asked for: where it does not, nothing of theirs is a reason. */
    private final boolean personal;
    /** What users had since; nothing unless somebody tells. */
    private volatile RecentInteractions recent = new RecentInteractions();

    /** @param model closed with the predictor, or where the bundle's files cannot be read */
    RecommendationPredictor(Path bundle, OnnxModel model) {
        this.model = model;
        try {
            this.catalog = IdTable.open(bundle.resolve(RecommendationKit.ITEMS_ENTRY), arena);
            this.users = IdTable.open(bundle.resolve(RecommendationKit.USERS_ENTRY), arena);
            this.histories = Histories.open(bundle.resolve(RecommendationKit.HISTORIES_ENTRY), arena);
            Path tied = bundle.resolve(RecommendationKit.PEERS_ENTRY);
            this.peers = Files.exists(tied) ? Histories.open(tied, arena) : null;
            Path described = bundle.resolve(RecommendationKit.ATTRIBUTES_ENTRY);
            this.attributes = Files.exists(described) ? ItemAttributes.open(described, catalog.size()) : null;
            Path content = bundle.resolve(RecommendationKit.VECTORS_ENTRY);
            this.vectors = Files.exists(content) ? ItemVectors.open(content, catalog.size(), arena) : null;
            this.likes = likes(bundle.resolve(RecommendationKit.LIKES_ENTRY), catalog.size());
            this.unseen = IntStream.range(0, likes.length)
                    .filter(item -> likes[item].length > 0)
                    .toArray();
            this.personal = catalog.size() > 0 && !Arrays.equals(scores(), scores(0));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static int[][] likes(Path file, int catalog) {
        int[][] likes = new int[catalog][0];
        if (Files.exists(file)) {
            try (Arena arena = Arena.ofConfined()) {
                Histories all = Histories.open(file, arena);
                Arrays.setAll(likes, all::of);
            }
        }
        return likes;
    }

    /** Items that somebody had, each once, and what each counts. */
    record Voice(int[] items, float[] weights) {}

    /** The newest that fit; what nobody had speaks through what is like it. */
    private Voice voice(int... had) {
        if (Arrays.stream(had).allMatch(item -> likes[item].length == 0)) {
            float[] weights = new float[had.length];
            Arrays.fill(weights, 1);
            return new Voice(had, weights);
        }
        Map<Integer, Float> speaking = new LinkedHashMap<>();
        for (int i = had.length - 1; i >= 0 && speaking.size() < MOST_ITEMS; i--) {
            int[] like = likes[had[i]];
            if (like.length == 0) {
                speaking.merge(had[i], 1f, Float::sum);
            }
            for (int other : like) {
                speaking.merge(other, 1f / like.length, Float::sum);
            }
        }
        int[] items = new int[speaking.size()];
        float[] weights = new float[items.length];
        int place = 0;
        for (var one : speaking.entrySet()) {
            items[place] = one.getKey();
            weights[place++] = one.getValue();
        }
        return new Voice(items, weights);
    }

    /**
     * Whom to recommend to.
     *
     * @param had what the user had, the newest last
     * @param voice what of it the graph knows, and speaks for it
     * @param peers positions of users who speak for one who has no items; else none
     * @param hidden what is not to be recommended
     * @param wanted all that is to be recommended; null where nothing is said of it
     * @param diversity from 0 to 1
     */
    record Query(
            int[] had,
            Voice voice,
            int[] peers,
            int[] hidden,
            @Nullable BitSet wanted,
            int topK,
            double diversity,
            boolean reasons)
            implements Prepared {
        @Override
        public int length() {
            return Math.max(1, voice.items.length);
        }
    }

    @Override
    public Query prepare(JsonNode input, Parameters parameters, String path) {
        parameters.requireKnown(List.of(TOP_K, EXCLUDE, AMONG, FILTER, INCLUDE_SEEN, DIVERSITY, REASONS));
        int topK = Objects.requireNonNullElse(
                parameters.count(TOP_K, MOST_TOP_K, "for " + USUAL_TOP_K + " items"), USUAL_TOP_K);
        boolean includeSeen = parameters.flag(INCLUDE_SEEN);
        JsonNode exclude = parameters.value(EXCLUDE);
        int[] excluded = exclude == null ? new int[0] : known(ids(exclude, parameters.prefix() + EXCLUDE));
        int[] items = items(input, path);
        int[] hidden = includeSeen && !input.has(SIMILAR_TO)
                ? excluded
                : IntStream.concat(Arrays.stream(items), Arrays.stream(excluded))
                        .toArray();
        int[] newest = Arrays.copyOfRange(items, Math.max(0, items.length - MOST_ITEMS), items.length);
        return new Query(
                newest,
                voice(newest),
                items.length == 0 ? peers(input) : NOBODY,
                hidden,
                wanted(parameters),
                topK,
                diversity(parameters),
                parameters.flag(REASONS));
    }

    private @Nullable BitSet wanted(Parameters parameters) {
        JsonNode among = parameters.value(AMONG);
        JsonNode filter = parameters.value(FILTER);
        if (among == null && filter == null) {
            return null;
        }
        BitSet wanted = new BitSet(catalog.size());
        if (among == null) {
            wanted.set(0, catalog.size());
        } else {
            Arrays.stream(known(ids(among, parameters.prefix() + AMONG))).forEach(wanted::set);
        }
        if (filter != null) {
            if (attributes == null) {
                throw parameters.invalid(
                        FILTER, "needs a model that knows what items are: train it with a file of items");
            }
            new ItemFilter(attributes, parameters, FILTER).retain(filter, wanted);
        }
        return wanted;
    }

    private double diversity(Parameters parameters) {
        JsonNode value = parameters.value(DIVERSITY);
        if (value == null) {
            return 0;
        }
        if (!value.isNumber() || value.doubleValue() < 0 || value.doubleValue() > 1) {
            throw parameters.invalid(DIVERSITY, "must be a number from 0 to 1");
        }
        if (value.doubleValue() > 0 && vectors == null) {
            throw parameters.invalid(
                    DIVERSITY, "needs a model that knows what items are: train it with a file of items");
        }
        return value.doubleValue();
    }

    private int[] items(JsonNode input, String path) {
        if (!input.isObject() || input.isEmpty()) {
            throw refuse(path, "must be an object with user, items or similar_to");
        }
        for (String field : input.propertyNames()) {
            if (!Set.of(USER, ITEMS, SIMILAR_TO).contains(field)) {
                throw refuse(
                        path + "." + FieldError.shortened(field), "is not known; known are user, items and similar_to");
            }
        }
        if (input.has(SIMILAR_TO)) {
            if (input.size() > 1) {
                throw refuse(path + "." + SIMILAR_TO, "stands alone: leave user and items out");
            }
            String id = id(input.get(SIMILAR_TO), path + "." + SIMILAR_TO);
            int item = catalog.find(id);
            if (item < 0) {
                throw refuse(path + "." + SIMILAR_TO, "is no item of the catalog");
            }
            return new int[] {item};
        }
        int[] had = input.has(USER) ? history(id(input.get(USER), path + "." + USER)) : new int[0];
        return input.has(ITEMS) ? followedBy(had, known(ids(input.get(ITEMS), path + "." + ITEMS))) : had;
    }

    /** What a user had when the model was trained, and since. */
    private int[] history(String id) {
        int user = users.find(id);
        return followedBy(user < 0 ? new int[0] : histories.of(user), known(recent.of(id)));
    }

    /** What comes again counts once, where it comes last. */
    private static int[] followedBy(int[] items, int[] newer) {
        if (newer.length == 0) {
            return items;
        }
        int[] sorted = newer.clone();
        Arrays.sort(sorted);
        return IntStream.concat(
                        Arrays.stream(items).filter(item -> Arrays.binarySearch(sorted, item) < 0),
                        Arrays.stream(newer))
                .toArray();
    }

    /** Those of the ids that are in the catalog, each once: a session may hold items that are newer than the model. */
    private int[] known(List<String> ids) {
        return ids.stream()
                .distinct()
                .mapToInt(catalog::find)
                .filter(item -> item >= 0)
                .toArray();
    }

    private static List<String> ids(JsonNode list, String path) {
        if (!list.isArray()) {
            throw refuse(path, "must be a list of ids");
        }
        if (list.size() > MOST_GIVEN) {
            throw ProblemException.ofField(
                    ProblemType.INPUT_TOO_LONG, path, "holds more than %,d ids".formatted(MOST_GIVEN));
        }
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            ids.add(id(list.get(i), path + "[" + i + "]"));
        }
        return ids;
    }

    /** A whole number is an id too, as tables have them. */
    private static String id(JsonNode value, String path) {
        if (!value.isString() && !value.isIntegralNumber()) {
            throw refuse(path, "must be an id: a text or a whole number");
        }
        return value.asString();
    }

    @Override
    public List<Recommendations> predict(List<? extends Prepared> batch) {
        List<Query> queries = batch.stream().map(Query.class::cast).toList();
        List<Recommendations> answers = new ArrayList<>();
        score(
                queries.stream().map(Query::voice).toList(),
                (scores, row) -> answers.add(answer(queries.get(row), scores)));
        return answers;
    }

    /** @param reader gets the scores of each list with its number, in an array that then holds the next one's */
    private void score(List<Voice> lists, ObjIntConsumer<float[]> reader) {
        int length = Math.max(
                1, lists.stream().mapToInt(voice -> voice.items.length).max().orElse(1));
        try (var feed = new OnnxModel.Feed()) {
            LongBuffer items = feed.longs(RecommendationKit.ITEMS, lists.size(), length);
            FloatBuffer weights = feed.floats(RecommendationKit.WEIGHTS, lists.size(), length);
            for (int row = 0; row < lists.size(); row++) {
                Voice voice = lists.get(row);
                for (int i = 0; i < voice.items.length; i++) {
                    items.put(row * length + i, voice.items[i]);
                    weights.put(row * length + i, voice.weights[i]);
                }
            }
            FloatBuffer all = feed.result(RecommendationKit.SCORES, lists.size(), catalog.size());
            model.fill(feed);
            float[] scores = new float[catalog.size()];
            for (int row = 0; row < lists.size(); row++) {
                all.get(row * scores.length, scores);
                lend(scores);
                reader.accept(scores, row);
            }
        }
    }

    /** What nobody had scores as what is like it does on average. */
    private void lend(float[] scores) {
        for (int item : unseen) {
            float sum = 0;
            for (int other : likes[item]) {
                sum += scores[other];
            }
            scores[item] = sum / likes[item].length;
        }
    }

    private float[] scores(int... items) {
        float[] copy = new float[catalog.size()];
        score(List.of(voice(items)), (scores, _) -> System.arraycopy(scores, 0, copy, 0, copy.length));
        return copy;
    }

    /** Of somebody of whom nothing but a profile or ties are known. */
    private int[] peers(JsonNode input) {
        int user = peers == null || !input.has(USER)
                ? -1
                : users.find(input.get(USER).asString());
        return peers == null || user < 0 ? NOBODY : peers.of(user);
    }

    /** What is popular among peers, and the less there are of them among all. */
    private void blend(int[] peers, float[] popularity) {
        float[] having = new float[popularity.length];
        for (int peer : peers) {
            for (int item : histories.of(peer)) {
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
        BitSet wanted = query.wanted();
        if (wanted != null) {
            for (int item = wanted.nextClearBit(0); item < scores.length; item = wanted.nextClearBit(item + 1)) {
                scores[item] = Float.NEGATIVE_INFINITY;
            }
        }
        int[] best = query.diversity() > 0 && vectors != null
                ? diverse(query, scores, vectors)
                : Ranking.best(scores, query.topK());
        float[] shown = new float[best.length];
        List<String> ids = new ArrayList<>(best.length);
        for (int i = 0; i < best.length; i++) {
            shown[i] = scores[best[i]];
            ids.add(catalog.id(best[i]));
        }
        return new Recommendations(ids, shown, query.reasons() ? reasons(query, best) : null);
    }

    /** One after the other what scores best, less what is like an item that comes before it (Carbonell and Goldstein 1998). */
    private static int[] diverse(Query query, float[] scores, ItemVectors vectors) {
        int[] candidates =
                Ranking.best(scores, Math.clamp(CANDIDATES_A_PLACE * query.topK(), FEWEST_CANDIDATES, MOST_CANDIDATES));
        int places = Math.min(query.topK(), candidates.length);
        double range = places == 0
                ? 1
                : Math.max(Float.MIN_NORMAL, scores[candidates[0]] - scores[candidates[candidates.length - 1]]);
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
                        : Math.max(nearest[i], vectors.similarity(candidates[i], chosen[place]));
            }
        }
        return chosen;
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
                singles.add(voice(tried[i]));
            }
            int first = from;
            score(singles, (scores, row) -> {
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
                        .map(i -> catalog.id(tried[i]))
                        .toList())
                .toList();
    }

    @Override
    public void follow(RecentEvents events) {
        recent = (RecentInteractions) events;
    }

    @Override
    public List<Query> samples() {
        return Stream.of(0, 1, 8, 64)
                .map(length ->
                        IntStream.range(0, Math.min(length, catalog.size())).toArray())
                .map(items -> new Query(items, voice(items), NOBODY, NOBODY, null, USUAL_TOP_K, 0, false))
                .toList();
    }

    @Override
    public void close() {
        model.close();
        arena.close();
    }

    private static ProblemException refuse(String path, String message) {
        return ProblemException.ofField(ProblemType.INVALID_INPUT, path, message);
    }
}
