package io.espalier.modelkit.metric;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is said about rankings, each cut off after {@value #K}: normalized discounted cumulative gain (Järvelin and Kekäläinen 2002,
 * binary relevance, the ideal one of as many as could be shown), recall, precision, reciprocal rank and hit rate, all means
 * over users; coverage, the share of the catalog that anybody was shown; novelty, the mean over what was shown; intra-list diversity,
 * where it is known. Not thread-safe.
 */
public final class RankingMetrics {
    public static final int K = 10;

    private final int catalog;
    private final Set<String> shown = new HashSet<>();
    private long users;
    private double ndcg;
    private double recall;
    private double precision;
    private double reciprocalRank;
    private double hits;
    private double novelty;
    private long noveltyItems;
    private double diversity;
    private long diverseLists;

    /** @param catalog how many items there are */
    public RankingMetrics(int catalog) {
        this.catalog = catalog;
    }

    /**
     * Adds what one user was shown.
     *
     * @param ranked the best first; what comes after {@value #K} does not count
     * @param relevant one at least
     * @param novelties of the ranked items
     * @param listDiversity how little the ranked items are like each other; NaN where that is not known
     */
    public void add(List<String> ranked, Set<String> relevant, List<Double> novelties, double listDiversity) {
        double gain = 0;
        int found = 0;
        int first = 0;
        int cut = Math.min(K, ranked.size());
        for (int rank = 1; rank <= cut; rank++) {
            shown.add(ranked.get(rank - 1));
            if (relevant.contains(ranked.get(rank - 1))) {
                gain += discount(rank);
                found++;
                first = first == 0 ? rank : first;
            }
        }
        double ideal = 0;
        for (int rank = 1; rank <= Math.min(K, relevant.size()); rank++) {
            ideal += discount(rank);
        }
        users++;
        ndcg += gain / ideal;
        recall += found / (double) relevant.size();
        precision += found / (double) K;
        reciprocalRank += first == 0 ? 0 : 1.0 / first;
        hits += found > 0 ? 1 : 0;
        novelty += novelties.stream().mapToDouble(Double::doubleValue).sum();
        noveltyItems += novelties.size();
        if (!Double.isNaN(listDiversity)) {
            diversity += listDiversity;
            diverseLists++;
        }
    }

    private static double discount(int rank) {
        return Math.log(2) / Math.log(rank + 1.0);
    }

    /** @param suffix of every name: {@code ndcgAt10} and this */
    public Map<String, Double> metrics(String suffix) {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("ndcgAt10" + suffix, ndcg / users);
        metrics.put("recallAt10" + suffix, recall / users);
        metrics.put("precisionAt10" + suffix, precision / users);
        metrics.put("mrrAt10" + suffix, reciprocalRank / users);
        metrics.put("hitRateAt10" + suffix, hits / users);
        metrics.put("coverageAt10" + suffix, shown.size() / (double) catalog);
        metrics.put("noveltyAt10" + suffix, noveltyItems == 0 ? 0 : novelty / noveltyItems);
        if (diverseLists > 0) {
            metrics.put("intraListDiversityAt10" + suffix, diversity / diverseLists);
        }
        return metrics;
    }
}
