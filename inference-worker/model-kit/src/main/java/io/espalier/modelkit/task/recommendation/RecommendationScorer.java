package io.espalier.modelkit.task.recommendation;

import io.espalier.contracts.problem.ProblemException;
import io.espalier.contracts.problem.ProblemType;
import io.espalier.modelkit.metric.Measurement;
import io.espalier.modelkit.metric.RankingMetrics;
import io.espalier.modelkit.task.Answer;
import io.espalier.modelkit.task.Scorer;
import io.espalier.modelkit.task.SplitRow;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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

    private final Map<String, Double> novelty;
    private final int catalog;
    private final Map<String, RankingMetrics> groups = new TreeMap<>();
    private final RankingMetrics all;
    private long rows;

    RecommendationScorer(Path bundle) {
        try (Arena arena = Arena.ofConfined()) {
            IdTable items = IdTable.open(bundle.resolve(RecommendationKit.ITEMS_ENTRY), arena);
            Histories histories = Histories.open(bundle.resolve(RecommendationKit.HISTORIES_ENTRY), arena);
            this.catalog = items.size();
            this.novelty = novelty(items, histories);
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
        List<String> ranked = ((Recommendations) answer).items();
        List<Double> novelties = new ArrayList<>();
        ranked.stream().limit(RankingMetrics.K).forEach(item -> novelties.add(novelty.getOrDefault(item, 0.0)));
        all.add(ranked, right, novelties);
        groups.computeIfAbsent(group.asString(), _ -> new RankingMetrics(catalog))
                .add(ranked, right, novelties);
    }

    @Override
    public Measurement measure() {
        Map<String, Double> metrics = new LinkedHashMap<>(all.metrics(""));
        if (groups.size() > 1) {
            groups.forEach((group, of) -> metrics.putAll(of.metrics(group)));
        }
        return new Measurement(metrics, List.of(), List.of(), rows);
    }
}
