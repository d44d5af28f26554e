package io.espalier.training.task.recommendation;

import io.espalier.contracts.artifact.ModelManifest;
import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.contracts.task.recommendation.Recommendation;
import io.espalier.modelkit.evaluation.Evaluator;
import io.espalier.modelkit.onnx.OnnxModel;
import io.espalier.modelkit.task.Predictor;
import io.espalier.modelkit.task.recommendation.Histories;
import io.espalier.modelkit.task.recommendation.IdTable;
import io.espalier.modelkit.task.recommendation.ItemAttributes;
import io.espalier.modelkit.task.recommendation.ItemAttributes.Kind;
import io.espalier.modelkit.task.recommendation.RecommendationKit;
import io.espalier.modelkit.task.recommendation.SentenceEncoder;
import io.espalier.training.task.Fit;
import io.espalier.training.task.TrainingFiles;
import io.espalier.training.task.recommendation.RankingModel.Factors;
import io.espalier.training.task.recommendation.RankingModel.Neighbourhood;
import io.espalier.training.task.recommendation.Recipe.Als;
import io.espalier.training.task.recommendation.Recipe.Blend;
import io.espalier.training.task.recommendation.Recipe.ItemToItem;
import io.espalier.training.task.recommendation.Recipe.Popularity;
import io.espalier.training.tune.Hyperparameters;
import io.espalier.training.weights.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fits every candidate to what is for training alone and measures it on the validation split, as a bundle through the predictor
 * that serves; then the best of them to all. What is kept of a stage is its metrics: a resumed fit repeats none of the others.
 */
final class RecommendationFit implements Fit {
    private static final Logger LOG = LoggerFactory.getLogger(RecommendationFit.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String METRIC = Recommendation.DESCRIPTOR.primaryMetric();
    private static final List<String> SHOWN = List.of(METRIC, "recallAt10", "coverageAt10");
    /** Users, by whose scores the parts of a blend are brought to one scale. */
    private static final int SCALED_BY = 256;
    /** Interactions; more make each of a dozen fits take minutes, and seldom choose another recipe. */
    private static final int MOST_COMPARED = 2_000_000;

    /** What is popular among so many of those like them is recommended to users of whom nothing else is known. */
    private static final double PEERS_SHARE = 0.05;

    private static final int FEWEST_PEERS = 10;
    private static final int MOST_PEERS = 100;

    private final TrainingFiles files;
    private final Hyperparameters chosen;
    private final Path data;
    private final Path bundle;
    private final Interactions learned;
    /** What recipes are compared on: the same, or some users of it. */
    private final Interactions sample;

    private final Interactions all;
    /** Where recipes are compared on a part of the users; else empty. */
    private final String ofWhom;

    private final Candidates candidates;
    private final Recommenders recommenders;
    /** Where something is said of items, from the first moment of a run on. */
    private @Nullable Likeness content;
    /** Likewise of users. */
    private @Nullable Likeness profiles;

    RecommendationFit(TrainingFiles files, Hyperparameters chosen, long seed, Path work) throws IOException {
        this.files = files;
        this.chosen = chosen;
        this.data = Files.createDirectories(work.resolve("data"));
        this.bundle = Files.createDirectories(work.resolve("bundle"));
        InteractionFile.unpack(files.train(), data);
        int catalog;
        try (Arena arena = Arena.ofConfined()) {
            catalog = IdTable.open(data.resolve(InteractionFile.ITEMS), arena).size();
        }
        this.learned = Interactions.read(data.resolve(InteractionFile.LEARNED), catalog);
        this.all = learned.with(Interactions.read(data.resolve(InteractionFile.HELD_OUT), catalog));
        this.candidates = Candidates.of(
                chosen,
                learned.users(),
                catalog,
                (int) IntStream.of(all.popularity()).filter(users -> users > 0).count(),
                Files.exists(attributes()));
        if (candidates.first().isEmpty()) {
            throw new ProblemException(ProblemType.INVALID_REQUEST, String.join(". ", candidates.leftOut()) + ".");
        }
        writeIds(bundle);
        learned.write(bundle.resolve(RecommendationKit.HISTORIES_ENTRY));
        int step = Math.ceilDiv(Math.max(1, Math.toIntExact(learned.size())), MOST_COMPARED);
        this.sample = learned.ofEvery(step);
        this.ofWhom = step == 1 ? "" : ", learning from one of %d users".formatted(step);
        this.recommenders = new Recommenders(seed);
        candidates.leftOut().forEach(LOG::info);
    }

    @Override
    public Hyperparameters hyperparameters() {
        return chosen;
    }

    @Override
    public int stages() {
        return candidates.stages();
    }

    @Override
    public long rows() {
        return all.size();
    }

    @Override
    public Fitted run(Stages stages) throws IOException {
        List<Found> found = resumed(stages.resumedFrom());
        if (Files.exists(attributes())) {
            stages.began(found.size() + 1, "Reading what items are");
            content = likeness(attributes(), all.catalog(), stages::progressed);
        }
        Path users = data.resolve(InteractionFile.PROFILES);
        if (Files.exists(users)) {
            stages.began(found.size() + 1, "Reading who users are");
            profiles = likeness(users, all.users(), stages::progressed);
        }
        writeLikeness(bundle, sample, learned, stages::progressed);
        List<Recipe> tried = new ArrayList<>(candidates.first());
        for (Recipe recipe : candidates.first()) {
            if (!isFound(found, tried.indexOf(recipe), recipe)) {
                stages.began(found.size() + 1, "Trying " + recipe.title() + ofWhom);
                measure(recipe, null, found, stages);
            }
        }
        ItemToItem bestItems = (ItemToItem) best(Recipe.ByUsers.class, found);
        Als bestAls = (Als) best(Als.class, found);
        if (!candidates.shares().isEmpty() && bestItems != null && bestAls != null) {
            Parts parts = null;
            for (double share : candidates.shares()) {
                Blend blend = new Blend(bestItems, bestAls, share);
                tried.add(blend);
                if (!isFound(found, tried.size() - 1, blend)) {
                    stages.began(tried.size(), "Trying " + blend.title() + ofWhom);
                    parts = parts == null ? parts(blend, sample, stages::progressed) : parts;
                    measure(blend, parts, found, stages);
                }
            }
        }
        // What was tried for a blend's sake alone is not what was asked for.
        int best = isBlendAskedFor() && tried.size() > candidates.first().size()
                ? candidates.first().size()
                : 0;
        for (int i = best + 1; i < tried.size(); i++) {
            if (metric(found, i) > metric(found, best)) {
                best = i;
            }
        }
        Recipe recipe = tried.get(best);
        LOG.info(
                "The best of {} is {}: {}",
                tried.size(),
                recipe.title(),
                found.get(best).metrics());
        String leftOut =
                candidates.leftOut().isEmpty() ? "" : "; not tried: " + String.join("; ", candidates.leftOut());
        String compared = ofWhom.isEmpty() ? "" : "; recipes were compared" + ofWhom;
        stages.began(stages(), "Fitting " + recipe.title() + " to all interactions" + compared + leftOut);
        RankingModel model = model(
                recipe,
                recipe instanceof Blend blend ? parts(blend, all, stages::progressed) : null,
                all,
                stages::progressed);
        stages.ended(shown(found.get(best).metrics()), JSON.writeValueAsString(found));
        return new Fitted(
                model.weights(),
                model.architecture(),
                new Hyperparameters(recipe.settings()).orElse(chosen.values()),
                best + 1,
                found.get(best).metrics());
    }

    private Path attributes() {
        return data.resolve(InteractionFile.ATTRIBUTES);
    }

    private Likeness likeness(Path said, int size, DoubleConsumer progress) throws IOException {
        boolean hasTexts = ItemAttributes.columns(said).stream().anyMatch(column -> column.kind() == Kind.TEXT);
        Path baseModel = hasTexts ? files.baseModel() : null;
        try (SentenceEncoder encoder = baseModel == null ? null : BaseModelEncoder.open(baseModel, bundle)) {
            return Likeness.of(said, size, recommenders.functions(), encoder, progress);
        }
    }

    /**
     * Writes who and what is like whom and what.
     *
     * @param fitted what the model learned from
     * @param histories of all users
     */
    private void writeLikeness(Path folder, Interactions fitted, Interactions histories, DoubleConsumer progress)
            throws IOException {
        if (content != null) {
            int[] users = fitted.popularity();
            content.writeVectors(folder.resolve(RecommendationKit.VECTORS_ENTRY));
            Histories.write(
                    folder.resolve(RecommendationKit.LIKES_ENTRY),
                    content.like(item -> users[item] > 0, RecommendationKit.LIKES, progress));
        }
        Path ties = data.resolve(InteractionFile.TIES);
        if (profiles != null || Files.exists(ties)) {
            Histories.write(folder.resolve(RecommendationKit.PEERS_ENTRY), peers(ties, histories, progress));
        }
    }

    /** Of each user without a history, those with one to whom they are tied; where there are none, those most like them. */
    private int[][] peers(Path ties, Interactions known, DoubleConsumer progress) throws IOException {
        IntPredicate seen = user -> known.offsets()[user + 1] > known.offsets()[user];
        int most = Math.clamp((long) (PEERS_SHARE * known.users()), FEWEST_PEERS, MOST_PEERS);
        int[][] peers = profiles == null ? new int[known.users()][0] : profiles.like(seen, most, progress);
        if (Files.exists(ties)) {
            try (Arena arena = Arena.ofConfined()) {
                Histories tied = Histories.open(ties, arena);
                for (int user = 0; user < peers.length; user++) {
                    int[] friends = seen.test(user)
                            ? new int[0]
                            : Arrays.stream(tied.of(user))
                                    .filter(seen)
                                    .limit(MOST_PEERS)
                                    .toArray();
                    peers[user] = friends.length > 0 ? friends : peers[user];
                }
            }
        }
        return peers;
    }

    private boolean isBlendAskedFor() {
        return chosen.has(Recommendation.RECIPE)
                && chosen.word(Recommendation.RECIPE).equals("blend");
    }

    /** What a stage found. */
    private record Found(String recipe, Map<String, Double> metrics) {}

    private static List<Found> resumed(@Nullable String kept) {
        return kept == null ? new ArrayList<>() : JSON.readValue(kept, new TypeReference<ArrayList<Found>>() {});
    }

    /** Whether a stage was done before; what an older release found of other recipes is forgotten. */
    private static boolean isFound(List<Found> found, int stage, Recipe recipe) {
        if (stage < found.size() && !found.get(stage).recipe().equals(recipe.title())) {
            found.subList(stage, found.size()).clear();
        }
        return stage < found.size();
    }

    private void measure(Recipe recipe, @Nullable Parts parts, List<Found> found, Stages stages) throws IOException {
        RankingModel model = model(recipe, parts, sample, stages::progressed);
        model.graph().write(bundle.resolve(ModelManifest.MODEL_ENTRY));
        try (Predictor predictor = RecommendationKit.predictor(bundle)) {
            Map<String, Double> metrics = new Evaluator(Runtime.getRuntime().availableProcessors())
                    .evaluate(predictor, RecommendationKit.scorer(bundle), files.validation(), null)
                    .metrics();
            LOG.info("{}: {} {}", recipe.title(), METRIC, metrics.get(METRIC));
            found.add(new Found(recipe.title(), metrics));
            stages.ended(shown(metrics), JSON.writeValueAsString(found));
        }
    }

    private static double metric(List<Found> found, int stage) {
        return found.get(stage).metrics().getOrDefault(METRIC, 0.0);
    }

    /** What is worth showing of many at once. */
    private static Map<String, Double> shown(Map<String, Double> metrics) {
        Map<String, Double> shown = new LinkedHashMap<>();
        SHOWN.forEach(name -> shown.put(name, metrics.getOrDefault(name, 0.0)));
        return shown;
    }

    /** The best of a kind, the first of equal ones; null where there is none. */
    private @Nullable Recipe best(Class<? extends Recipe> kind, List<Found> found) {
        return candidates
                .positions(kind)
                .boxed()
                .reduce((a, b) -> metric(found, b) > metric(found, a) ? b : a)
                .map(candidates.first()::get)
                .orElse(null);
    }

    /** What a blend adds up, each in units of its standard deviation. */
    private record Parts(Neighbourhood items, Factors factors) {}

    private Parts parts(Blend blend, Interactions interactions, DoubleConsumer progress) throws IOException {
        Neighbourhood items =
                recommenders.fit(blend.items(), interactions, content, share -> progress.accept(share / 2));
        Factors factors = recommenders.fit(blend.als(), interactions, share -> progress.accept(0.5 + share / 2));
        Tensor popularity = popularity(interactions);
        return new Parts(
                items.times(1 / deviation(new RankingModel(popularity, items, null), interactions)),
                factors.times(1 / deviation(new RankingModel(popularity, null, factors), interactions)));
    }

    private RankingModel model(
            Recipe recipe, @Nullable Parts parts, Interactions interactions, DoubleConsumer progress) {
        Tensor popularity = popularity(interactions);
        return switch (recipe) {
            case Popularity _ -> new RankingModel(popularity, null, null);
            case ItemToItem items ->
                new RankingModel(popularity, recommenders.fit(items, interactions, content, progress), null);
            case Als als -> new RankingModel(popularity, null, recommenders.fit(als, interactions, progress));
            case Blend blend -> {
                if (parts == null) {
                    throw new IllegalArgumentException("A blend is made of its parts.");
                }
                yield new RankingModel(
                        popularity, parts.items.times(1 - blend.share()), parts.factors.times(blend.share()));
            }
        };
    }

    private static Tensor popularity(Interactions interactions) {
        int[] users = interactions.popularity();
        float[] shares = new float[users.length];
        for (int item = 0; item < shares.length; item++) {
            shares[item] = users[item] / (float) interactions.users();
        }
        return Tensor.of(shares, shares.length);
    }

    /** Of all scores of a few users, spread over all. */
    private double deviation(RankingModel model, Interactions interactions) throws IOException {
        Path file = bundle.resolve("part.onnx");
        model.graph().write(file);
        double sum = 0;
        double squares = 0;
        long count = 0;
        try (OnnxModel part = OnnxModel.open(file, 1)) {
            // Without a history every recipe answers with popularity.
            int[] asked = IntStream.range(0, interactions.users())
                    .filter(user ->
                            interactions.offsets()[user + 1] > interactions.offsets()[user])
                    .toArray();
            int step = Math.max(1, asked.length / SCALED_BY);
            for (int i = 0; i < asked.length; i += step) {
                int user = asked[i];
                for (float score : scores(part, interactions, user)) {
                    sum += score;
                    squares += (double) score * score;
                    count++;
                }
            }
        } finally {
            Files.deleteIfExists(file);
        }
        double mean = sum / count;
        return Math.max(1e-9, Math.sqrt(Math.max(0, squares / count - mean * mean)));
    }

    private static float[] scores(OnnxModel model, Interactions interactions, int user) {
        int from = interactions.offsets()[user];
        int length = Math.max(1, interactions.offsets()[user + 1] - from);
        try (var feed = new OnnxModel.Feed()) {
            var items = feed.longs(RecommendationKit.ITEMS, 1, length);
            var weights = feed.floats(RecommendationKit.WEIGHTS, 1, length);
            for (int i = from; i < interactions.offsets()[user + 1]; i++) {
                items.put(interactions.items()[i]);
                weights.put(1);
            }
            return model.run(feed, RecommendationKit.SCORES)[0];
        }
    }

    @Override
    public void writeTransform(Path trainedModel) throws IOException {
        writeIds(trainedModel);
        all.write(trainedModel.resolve(RecommendationKit.HISTORIES_ENTRY));
        writeLikeness(trainedModel, all, all, _ -> {});
        if (content != null) {
            content.writeFeatures(trainedModel, bundle);
        }
    }

    private void writeIds(Path folder) throws IOException {
        Files.copy(data.resolve(InteractionFile.ITEMS), folder.resolve(RecommendationKit.ITEMS_ENTRY));
        Files.copy(data.resolve(InteractionFile.USERS), folder.resolve(RecommendationKit.USERS_ENTRY));
        if (Files.exists(attributes())) {
            ItemAttributes.copyWithoutTexts(attributes(), folder.resolve(RecommendationKit.ATTRIBUTES_ENTRY));
        }
    }

    @Override
    public void close() {
        recommenders.close();
    }
}
