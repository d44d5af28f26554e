package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.metric.Measurement;
import io.espalier.modelkit.metric.RankingMetrics;
import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.Scorer;
import io.espalier.modelkit.task.SplitRow;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Compares rankings with what users took next. A row's {@code relevant} are the items that are right; its {@code group} is what
 * the metrics are given for by itself, beside the mean over all.
 */
public final class RecommendationScorer implements Scorer {
    public static final String RELEVANT = "relevant";
    public static final String GROUP = "group";
    /** A group of rows of users whom no training saw. */
    public static final String NEW_USERS = "NewUsers";
    /** A group of rows of users with a history. */
    public static final String KNOWN_USERS = "KnownUsers";
    /** A group of rows of items that no training saw, ranked among each other; no part of the mean over all. */
    public static final String COLD_ITEMS = "ColdItems";
    /** A group of rows of users of whom nothing but a profile or ties are known; no part of the mean over all. */
    public static final String COLD_USERS = "ColdUsers";

    private final Map<String, Double> novelty;
    private final int catalog;
    private final Map<String, RankingMetrics> groups = new TreeMap<>();
    private final RankingMetrics all;
    private final Map<String, Integer> positions = new HashMap<>();
    private final @Nullable ItemVectors vectors;
    private double areas;
    private long ranked;
    private long rows;

    RecommendationScorer(Path bundle) {
        try (Arena arena = Arena.ofConfined()) {
            IdTable items = IdTable.open(bundle.resolve(RecommendationKit.ITEMS_ENTRY), arena);
            Histories histories = Histories.open(bundle.resolve(RecommendationKit.HISTORIES_ENTRY), arena);
            this.catalog = items.size();
            this.novelty = novelty(items, histories);
            Path content = bundle.resolve(RecommendationKit.VECTORS_ENTRY);
            this.vectors = Files.exists(content) ? ItemVectors.open(content, catalog, Arena.ofAuto()) : null;
            for (int item = 0; vectors != null && item < catalog; item++) {
                positions.put(items.id(item), item);
            }
        }
        this.all = new RankingMetrics(catalog);
    }

    /** Minus the binary logarithm of the share of users who have an item; of one that nobody has, as if one had. */
    private static Map<String, Double> novelty(IdTable items, Histories histories) {
        int[] users = new int[items.size()];
        for (int user = 0; user < histories.users(); user++) {
            for (int item : histories.of(user)) {
                users[item]++;
            }
        }
        Map<String, Double> novelty = new LinkedHashMap<>();
        for (int item = 0; item < users.length; item++) {
            double share = Math.max(1, users[item]) / (double) Math.max(1, histories.users());
            novelty.put(items.id(item), -Math.log(share) / Math.log(2));
        }
        return novelty;
    }

    @Override
    public void add(SplitRow row, Answer answer) {
        rows++;
        JsonNode relevant = row.fields().get(RELEVANT);
        JsonNode group = row.fields().get(GROUP);
        if (relevant == null || relevant.isEmpty() || group == null) {
            throw new ProblemException(
                    ProblemType.INVALID_DATASET,
                    "Row %d of the split says nothing of the right items.".formatted(rows));
        }
        Set<String> right = new HashSet<>();
        relevant.forEach(item -> right.add(item.asString()));
        Recommendations recommended = (Recommendations) answer;
        List<Double> novelties = new ArrayList<>();
        recommended.items().stream()
                .limit(RankingMetrics.K)
                .forEach(item -> novelties.add(novelty.getOrDefault(item, 0.0)));
        double diversity = diversity(recommended.items());
        if (group.asString().equals(COLD_ITEMS)) {
            double area = areaUnderCurve(recommended, right);
            areas += Double.isNaN(area) ? 0 : area;
            ranked += Double.isNaN(area) ? 0 : 1;
        } else if (!group.asString().equals(COLD_USERS)) {
            all.add(recommended.items(), right, novelties, diversity);
        }
        groups.computeIfAbsent(group.asString(), _ -> new RankingMetrics(catalog))
                .add(recommended.items(), right, novelties, diversity);
    }

    /** Of a list the mean over all pairs of 1 less their cosine; NaN where nothing is said of the items, or there are no pairs. */
    private double diversity(List<String> items) {
        int[] shown = items.stream()
                .limit(RankingMetrics.K)
                .mapToInt(item -> positions.getOrDefault(item, -1))
                .filter(item -> item >= 0)
                .toArray();
        if (vectors == null || shown.length < 2) {
            return Double.NaN;
        }
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < shown.length; i++) {
            for (int j = 0; j < i; j++) {
                sum += 1 - vectors.similarity(shown[i], shown[j]);
                pairs++;
            }
        }
        return sum / pairs;
    }

    /**
     * How likely an item that is right ranks before one that is not, equal scores half of it; NaN where one kind is missing.
     *
     * @param ranked the best first
     */
    private static double areaUnderCurve(Recommendations ranked, Set<String> right) {
        double area = 0;
        long rights = 0;
        long wrongs = 0;
        int next = 0;
        while (next < ranked.items().size()) {
            int from = next;
            long rightsHere = 0;
            while (next < ranked.items().size() && ranked.scores()[next] == ranked.scores()[from]) {
                rightsHere += right.contains(ranked.items().get(next)) ? 1 : 0;
                next++;
            }
            long wrongsHere = next - from - rightsHere;
            area += wrongsHere * (rights + rightsHere / 2.0);
            rights += rightsHere;
            wrongs += wrongsHere;
        }
        return area / (rights * (double) wrongs);
    }

    @Override
    public Measurement measure() {
        Map<String, Double> metrics = new LinkedHashMap<>(all.metrics(""));
        if (groups.size() > 1) {
            groups.forEach((group, of) -> metrics.putAll(of.metrics(group)));
        }
        if (ranked > 0) {
            metrics.put("auc" + COLD_ITEMS, areas / ranked);
        }
        return new Measurement(metrics, List.of(), List.of(), rows);
    }
}
